#include "bastion/admin/batch.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/admin/grammar/words.h"

namespace bastion::admin {
void Batch::on_input(std::string_view text) {
  unread_ += text;
  go_on();
}

void Batch::on_input_end() {
  ended_ = true;
  go_on();
}

// Input waits while a command runs, and while its output waits for the reader.
void Batch::go_on() {
  while (!exiting() && !executor().busy() && has_room()) {
    const auto end = unread_.find('\n');
    if (end == std::string::npos && unread_.size() > kLongestLine) {
      ++line_;
      return fail_with("this is too long for a command\n", Status::usage);
    }
    if (end == std::string::npos && !ended_) return resume_input();
    if (unread_.empty()) return exit(static_cast<std::uint32_t>(Status::done));
    const auto line = unread_.substr(0, end);
    unread_.erase(0, end == std::string::npos ? end : end + 1);
    run(line);
  }
  if (!exiting()) pause_input();
}

void Batch::run(const std::string& line) {
  ++line_;
  const auto words = command_words(line);
  if (words && (words->empty() || words->front().starts_with('#'))) return;
  if (!words) return fail_with(words.error().text + "\n", Status::usage);
  const auto command = meant(*words);
  if (is_followed(command)) return fail_with("--follow has no end: it cannot stand in a batch\n", Status::usage);
  executor().run({.words = command}, [this](const Outcome& outcome) {
    if (exiting()) return;
    print(outcome.out);
    if (outcome.status != Status::done) return fail_with(outcome.err, outcome.status);
    print_error(outcome.err);
    go_on();
  });
}

void Batch::fail_with(const std::string& why, Status status) {
  print_error(fmt::format("line {}: {}", line_, why));
  exit(static_cast<std::uint32_t>(status));
}

}  // namespace bastion::admin
