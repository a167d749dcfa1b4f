// The container menu on a user's terminal, where she has several containers and has named none.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/connection/local_session.h"
#include "bastion/session/menu_screen.h"

namespace bastion::session {

class Menu final : private ByteStream::Reader {
 public:
  // What she may send before she hears from us: as many keys as anybody types.
  static constexpr std::uint32_t kWindow = 4096;

  // `on_choice` gets the name she has chosen, or nothing when she leaves or is gone. It comes once, from inside a call
  // of her session: defer_delete() the menu then.
  using OnChoice = std::function<void(std::optional<std::string> name)>;

  // The session was asked for with a terminal, by this user.
  Menu(std::unique_ptr<connection::LocalSession> session, std::vector<access::Choice> choices, std::string user,
       OnChoice on_choice);
  ~Menu();
  Menu(const Menu&) = delete;
  Menu& operator=(const Menu&) = delete;

  // Draws it, and takes what has been typed already.
  void start();
  [[nodiscard]] connection::LocalSession& session() { return *session_; }
  // Takes it away, with a last line for her to read. defer_delete() it then.
  void leave(const std::string& line, std::uint32_t status);

 private:
  void on_bytes(MutableBytes bytes) override;
  void on_drained() override;
  void on_eof() override { decide(std::nullopt); }
  void on_lost(const Error& why) override;
  void write(const std::string& text);
  [[nodiscard]] bool has_room() const { return session_->stream().backlog() <= ByteStream::kHighWater; }
  void decide(std::optional<std::string> name);

  std::unique_ptr<connection::LocalSession> session_;
  MenuScreen screen_;
  OnChoice on_choice_;
};

}  // namespace bastion::session
