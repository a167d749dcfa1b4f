// The process that starts ssh(1) for the one that serves, which starts no program (`bastion launcher`), as that sees
// it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bastion/base/child_process.h"
#include "bastion/base/result.h"
#include "bastion/base/ssh_question.h"
#include "bastion/signer/companion.h"

namespace bastion::launcher {

// The word it is started by.
inline constexpr const char* kVerb = "launcher";

class Launcher {
 public:
  // Longer than ssh may take.
  static constexpr std::chrono::seconds kPatience{10};

  // As Companion::start().
  [[nodiscard]] static Result<std::unique_ptr<Launcher>> start(std::chrono::milliseconds patience = kPatience);

  // Once: neither it nor what it starts reads these folders from then on, writes anything, or has a network. What could
  // not be given up, for the log.
  [[nodiscard]] Result<std::vector<std::string>> confine(const std::vector<std::filesystem::path>& not_even_read);
  // As run_ssh(), from any thread: blocks for as long as that, and for the questions before it. One that has ended is
  // an error each time.
  [[nodiscard]] Result<ChildOutcome> run(const SshQuestion& question);

  // The process, for whoever looks at it.
  [[nodiscard]] pid_t process() const { return process_.process(); }

 private:
  explicit Launcher(signer::Companion process) : process_(std::move(process)) {}

  signer::Companion process_;
  std::mutex mutex_;  // a question at a time
  std::uint32_t last_id_ = 0;
};

}  // namespace bastion::launcher
