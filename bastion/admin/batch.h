// `ssh -s admin@bastion admin < commands`: one command on each line of standard input, until one of them fails.
#pragma once

#include <string>

#include "bastion/admin/admin_session.h"

namespace bastion::admin {

// Blank lines, and lines that begin with #, are comments. Each command is a change of its own: those before the one
// that failed stay done. Its exit status is that of the whole, and standard error names its line.
class Batch final : public AdminSession {
 public:
  using AdminSession::AdminSession;

 private:
  void begin() override {}
  void on_input(std::string_view text) override;
  void on_input_end() override;
  void on_room() override { go_on(); }
  void go_on();
  void run(const std::string& line);
  void fail_with(const std::string& why, Status status);

  std::string unread_;
  bool ended_ = false;  // standard input
  std::size_t line_ = 0;
};

}  // namespace bastion::admin
