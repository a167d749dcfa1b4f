// The admin console: the commands at a terminal, with a line to edit, a history, and Tab.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bastion/admin/admin_session.h"
#include "bastion/admin/line_editor.h"
#include "bastion/admin/watch.h"

namespace bastion::admin {

class Console final : public AdminSession {
 public:
  // The session has a terminal.
  Console(session::AdminEndpoint::Client client, const Site& site, std::unique_ptr<connection::LocalSession> session,
          std::function<void()> on_over);
  ~Console() override;
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

 private:
  using Words = std::vector<std::string>;

  void begin() override;
  void on_input(std::string_view text) override;
  void on_input_end() override;
  void on_room() override { type({}); }

  void type(std::string_view keys);
  void end();
  void on_event(LineEditor::Event event);
  void on_line();
  void answer(const std::string& reply);
  void run(Words words);
  void on_outcome(const Words& words, const Outcome& outcome);
  void decline(Words words);
  void watch(Words words);
  void show(const Outcome& outcome, bool in_place);
  void stop_watching();
  void complete();
  void prompt();
  [[nodiscard]] bool waits() { return executor().busy() || watch_ != nullptr || !has_room(); }

  loop::Loop& loop_;
  std::string ask_;  // the prompt
  LineEditor editor_;
  std::string ahead_;  // typed while something ran
  bool input_ended_ = false;
  struct Unconfirmed {
    Words words;
    std::string question;
  };
  std::optional<Unconfirmed> unconfirmed_;  // a command that waits for a yes
  std::unique_ptr<Watch> watch_;
};

}  // namespace bastion::admin
