// What the container may open towards the user: what the user has asked for, and nothing else. Clients accept an agent
// or a display whenever they were told to offer one, and some accept anything. Pure.
//
//   channel                             | is open to a container once the user
//   ------------------------------------+--------------------------------------------------------------------------
//   auth-agent@openssh.com              | has asked for it in some session, until the connection ends: an sshd keeps
//                                       | its socket for so long
//   x11                                 | has asked for it in a session that is there; once where the request says
//                                       | "single connection" (RFC 4254 section 6.3.1)
//   forwarded-tcpip                     | has asked for that address and port (section 7.1), until it is refused or the
//                                       | cancel is granted: a server may open one before its reply is out; of port 0
//                                       | once the reply has said the port
//   forwarded-streamlocal@openssh.com   | the same of a path
//   anything else                       | never
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/connection/message.h"

namespace bastion::connection {

class PermittedOpens {
 public:
  // A listener of the container.
  struct Forward {
    enum class Kind : std::uint8_t { tcpip, streamlocal };
    Kind kind = Kind::tcpip;
    std::string place;  // the address it was asked for by, or the path
    std::uint32_t port = 0;
    bool operator==(const Forward&) const = default;
  };
  // What a global request makes of them, when it is granted.
  struct Change {
    enum class Kind : std::uint8_t { listens, cancels };
    Kind kind = Kind::listens;
    Forward forward;
  };

  // As many as one connection may have, and as long as an address or a path may be.
  static constexpr std::size_t kMostForwards = 1024;
  static constexpr std::size_t kLongestPlace = 1024;

  // Nothing where the request is about something else, or malformed.
  [[nodiscard]] static std::optional<Change> change_of(const GlobalRequest& request);
  // Why it is not even to be asked for; empty: it may be. What is asked for counts.
  [[nodiscard]] std::string_view objection_to(const Change& change) const;
  // The user has asked for it, and one of the two below is to follow.
  void request(const Change& change);
  // The container has granted it. `reply` is the payload of REQUEST_SUCCESS: of port 0 it has the port that was chosen.
  // Where nobody wanted a reply, an asked change counts as granted.
  void grant(const Change& change, Bytes reply);
  void refuse(const Change& change);

  // The user's session has asked for something.
  void ask(std::uint32_t session, const ChannelRequest& request);
  void end_session(std::uint32_t session) { displays_.erase(session); }

  // What may be opened once is used up by it.
  [[nodiscard]] bool admit(const ChannelOpen& open);
  // The container is gone.
  void clear() { *this = PermittedOpens(); }

 private:
  enum class Times : std::uint8_t { once, ever, used_up };

  [[nodiscard]] bool admit_display();
  [[nodiscard]] bool listens(const Forward& forward) const;
  void take_back(const Forward& forward);

  bool agent_ = false;
  std::map<std::uint32_t, Times> displays_;  // by the session that has asked
  std::vector<Forward> forwards_;            // with port 0: those that have none yet
};

}  // namespace bastion::connection
