// `ssh -s admin@bastion admin WORDS…`: one command, its output, its exit status.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/admin_session.h"
#include "bastion/admin/hidden_questions.h"
#include "bastion/admin/line_editor.h"
#include "bastion/admin/watch.h"

namespace bastion::admin {

class OneCommand final : public AdminSession {
 public:
  OneCommand(const session::AdminEndpoint::Client& client, const Site& site,
             std::unique_ptr<connection::LocalSession> session, const std::string& line, std::function<void()> on_over);

 private:
  void begin() override;
  void on_input(std::string_view text) override;
  void on_input_end() override;
  void run_with_input();
  void run(CommandExecutor::Job job);
  void on_room() override { show_more(); }
  void show_more();
  void ask(const std::string& question);
  void on_reply(std::string_view keys);
  void on_hidden(std::string_view keys);
  void decline();
  void watch();
  void show(const Outcome& outcome, bool in_place);

  loop::Loop& loop_;
  Result<std::vector<std::string>> words_;
  std::unique_ptr<Watch> watch_;
  std::optional<StandardInput> input_;     // while the command waits for it
  std::optional<LineEditor> question_;     // while the user is asked for a yes
  std::optional<HiddenQuestions> hidden_;  // while the user is asked for what is not shown
  bool typed_before_ = false;              // something, before there was a question
  // What came of the command, while there is more of it than was printed.
  struct Showing {
    Outcome outcome;
    bool can_be_asked = false;
    std::size_t printed = 0;
  };
  std::optional<Showing> showing_;
};

}  // namespace bastion::admin
