// Where sessions are served that lead to no container: those of administrators, and those in which users look after
// what is theirs. A user's connection knows no commands: whoever does (bastion/admin) is handed down to it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bastion/access/identity.h"
#include "bastion/connection/local_session.h"
#include "bastion/session/path.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::session {

class AdminEndpoint {
 public:
  // What they came to: the commands for those who have a role, or what everybody may do of themselves and no more.
  enum class Door : std::uint8_t { admin, own };
  // The names of the subsystems; words of a command may stand behind them.
  static constexpr std::string_view kSubsystem = "admin";
  static constexpr std::string_view kOwnSubsystem = "me";

  // Who comes in, and the loop that serves them, which outlives the session.
  struct Client {
    loop::Loop& loop;
    access::Identity identity;
    Arrival arrival;
    Door door = Door::admin;
  };

  // A session in service. Destroying it closes the session.
  class Session {
   public:
    virtual ~Session() = default;
    virtual void start() = 0;
    // A last line for the user to read. defer_delete() the session then.
    virtual void leave(const std::string& line, std::uint32_t status) = 0;
  };

  // Called from any worker's thread, for its own sessions. `words` are those of a command, or empty. `on_over` is
  // called once, after start(), from inside a call of the loop or of the session: defer_delete() the session then.
  [[nodiscard]] virtual std::unique_ptr<Session> open(Client client, std::unique_ptr<connection::LocalSession> session,
                                                      std::string words, std::function<void()> on_over) = 0;

 protected:
  ~AdminEndpoint() = default;
};

}  // namespace bastion::session
