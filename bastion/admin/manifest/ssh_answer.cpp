#include "bastion/admin/manifest/ssh_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bastion::admin {

SshFailure refusal_of_ssh(std::string_view errors) {
  SshFailure failure{.kind = SshFailure::Kind::refused};
  while (!errors.empty()) {
    auto line = errors.substr(0, std::min(errors.find('\n'), errors.size()));
    errors.remove_prefix(std::min(line.size() + 1, errors.size()));
    while (line.ends_with('\r') || line.ends_with(' ') || line.ends_with('.')) line.remove_suffix(1);
    if (line.starts_with("jumphost loop ")) failure.kind = SshFailure::Kind::own_jump;
    // It says so of every -G, and of every file that it has complained of.
    const bool is_nothing = line.empty() || line.starts_with("Pseudo-terminal ") || line.contains(": terminating, ");
    if (is_nothing) continue;
    const bool is_about_a_line = line.starts_with(fmt::format("{} line ", kSshConfigFile));
    if (is_about_a_line) {
      failure.complaints.emplace_back(line.substr(std::string_view(kSshConfigFile).size() + 1));
    } else {
      failure.text += fmt::format("{}{}", failure.text.empty() ? "" : "; ", line);
    }
  }
  return failure;
}

SshAnswer ask_ssh(const SshQuestion& question, const RunSsh& run) {
  auto outcome = run(question);
  if (!outcome) return std::unexpected(SshFailure{.text = std::move(outcome.error().text)});
  if (outcome->status == 0) return std::move(outcome->out);
  auto failure = refusal_of_ssh(outcome->err);
  if (!outcome->status) failure = {.text = "ssh was ended by a signal"};
  if (failure.text.empty() && failure.complaints.empty()) {
    failure.text = fmt::format("ssh ended with status {} and said nothing", *outcome->status);
  }
  return std::unexpected(std::move(failure));
}

}  // namespace bastion::admin
