#include "bastion/session/menu.h"

#include <utility>

namespace bastion::session {

Menu::Menu(std::unique_ptr<connection::LocalSession> session, std::vector<access::Choice> choices, std::string user,
           OnChoice on_choice)
    : session_(std::move(session)),
      screen_(std::move(choices), std::move(user), session_->start().terminal->type,
              session_->start().terminal->columns, session_->start().terminal->rows),
      on_choice_(std::move(on_choice)) {}

Menu::~Menu() { session_->stream().read_to(nullptr); }

void Menu::start() {
  session_->on_resize([this] {
    const auto& terminal = *session_->start().terminal;
    screen_.resize(terminal.columns, terminal.rows);
    if (on_choice_ && has_room()) write(screen_.draw());
  });
  write(screen_.draw());
  session_->stream().read_to(this);
  session_->stream().resume();
}

void Menu::on_bytes(MutableBytes bytes) {
  if (!on_choice_) return;
  switch (screen_.type(text_of(bytes))) {
    case MenuScreen::Outcome::undecided: return write(screen_.draw());
    case MenuScreen::Outcome::left: write(screen_.clear()); return decide(std::nullopt);
    case MenuScreen::Outcome::chosen: write(screen_.clear()); return decide(screen_.marked().name);
  }
}

void Menu::leave(const std::string& line, std::uint32_t status) {
  on_choice_ = nullptr;
  write(screen_.clear() + line + "\r\n");
  session_->exit(status);
}

void Menu::on_lost(const Error& /*why*/) { decide(std::nullopt); }

// Keys wait in the user's window while what they have drawn is not read.
void Menu::write(const std::string& text) {
  session_->stream().write(bytes_of(text));
  if (!has_room()) session_->stream().pause();
}

void Menu::on_drained() {
  if (on_choice_) write(screen_.draw());
  session_->stream().resume();
}

void Menu::decide(std::optional<std::string> name) {
  if (on_choice_) std::exchange(on_choice_, nullptr)(std::move(name));
}

}  // namespace bastion::session
