// The console, of administrators and of users: the commands at a terminal, with a line to edit, a history, Tab, and a
// pager.
//
// What is typed while a command runs waits for its end. What waits when a command fails, or when there is a question
// to answer, was typed by somebody who did not know of that: it is dropped, and what follows without a pause with it.
// So is what comes behind the key that leaves a screen of its own: pasted text is never half for that screen, and half
// a command.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/admin_session.h"
#include "bastion/admin/hidden_questions.h"
#include "bastion/admin/line_editor.h"
#include "bastion/admin/pager.h"
#include "bastion/admin/watch.h"
#include "bastion/loop/timer.h"

namespace bastion::admin {

class Console final : public AdminSession {
 public:
  // Longer than between two packets of one paste, shorter than anybody takes to read what is on the screen.
  static constexpr std::chrono::milliseconds kPause{150};

  // The session has a terminal. What comes within `pause` of what is dropped is dropped with it.
  Console(session::AdminEndpoint::Client client, const Site& site, std::unique_ptr<connection::LocalSession> session,
          std::function<void()> on_over, std::chrono::milliseconds pause = kPause);
  ~Console() override;
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

 private:
  using Words = std::vector<std::string>;

  // What the executor is doing.
  enum class Running : std::uint8_t { nothing, names, reading, changing, declining };

  void begin() override;
  void on_input(std::string_view text) override;
  void on_input_end() override;
  void on_room() override;
  void on_exit() override;
  void give_back_screen() override;

  void type(std::string_view keys);
  void end();
  void on_event(LineEditor::Event event);
  void on_line();
  void on_hidden(std::string_view& keys);
  void answer(const std::string& reply);
  void run(Words words);
  void on_outcome(const Words& words, const Outcome& outcome);
  void decline(Words words, bool goes_on = true);
  void interrupt(std::string_view up_to_it, std::string_view behind_it);
  void print_or_page(std::string text);
  void page(std::string_view keys);
  void watch(Words words);
  void show(const Outcome& outcome, bool in_place);
  void show_part(const Outcome& outcome);
  void stop_watching();
  void complete();
  void prompt();
  // The next line; where what came before it failed, of those that are typed from now on.
  void go_on(bool failed);
  // With what was dropped before.
  void drop_ahead(LineEditor::Dropped before = {});
  void on_quiet();
  [[nodiscard]] ScreenSize screen();
  [[nodiscard]] bool knows_sequences();
  [[nodiscard]] bool waits() { return executor().busy() || watch_ || pager_ || dropped_ || !has_room(); }

  loop::Loop& loop_;
  const std::chrono::milliseconds pause_;
  std::string ask_;  // the prompt
  LineEditor editor_;
  std::string ahead_;      // typed while something ran
  bool too_much_ = false;  // more than is kept: a line that is not whole must not run
  bool input_ended_ = false;
  Running running_ = Running::nothing;
  struct Unconfirmed {
    Words words;
    std::string question;
  };
  std::optional<Unconfirmed> unconfirmed_;  // a command that waits for a yes
  struct Unasked {
    Words words;
    HiddenQuestions questions;
  };
  std::optional<Unasked> unasked_;  // a command that waits for what is not shown
  std::unique_ptr<Watch> watch_;
  LineEditor::Dropped before_watch_;  // what was typed behind its command before it began
  bool may_page_ = true;
  std::optional<Pager> pager_;
  std::optional<LineEditor::Dropped> dropped_;  // until nothing more comes
  int pauses_ = 0;                              // since then, inside of a paste
  loop::Timer quiet_;
};

}  // namespace bastion::admin
