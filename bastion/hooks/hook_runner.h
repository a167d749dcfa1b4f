// The process that runs the hooks of administrators for the one that serves, which starts no program (`bastion hooks`),
// as that sees it.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/hooks/hook.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/watcher.h"
#include "bastion/signer/companion.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::hooks {

// The word it is started by.
inline constexpr const char* kVerb = "hooks";

// A hook that runs. Destroyed, it goes on: nobody hears what comes of it.
class Running {
 public:
  // `answer` is the end of a pipe, out of which so many bytes may come.
  Running(loop::Loop& loop, loop::Descriptor answer, std::size_t longest);
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  // What it has said on standard error, or the keys that it has printed; or why it was not run, or did not end well.
  // Not to be destroyed from inside.
  [[nodiscard]] Event<Result<std::string>>& over() { return over_; }

 private:
  void on_readable();

  loop::Descriptor answer_;
  const std::size_t longest_;
  ByteVector read_;
  Event<Result<std::string>> over_;
  loop::Watcher watcher_;
};

class HookRunner {
 public:
  // As Companion::start().
  [[nodiscard]] static Result<std::unique_ptr<HookRunner>> start();

  // Once: where the hooks are, and the program that prints keys (base/key_command.h), if there is one; and neither it
  // nor a hook reads these folders from then on. What could not be given up, for the log; empty: nothing.
  [[nodiscard]] Result<std::string> confine(const std::filesystem::path& hooks,
                                            const std::vector<std::filesystem::path>& not_even_read,
                                            const std::string& key_command = {});
  // From any thread, whose loop it is. At most kMost run at a time; one more is an error.
  [[nodiscard]] Result<std::unique_ptr<Running>> run(loop::Loop& loop, const HookRun& hook);
  // The same of the program that prints keys, whichever confine() has named.
  [[nodiscard]] Result<std::unique_ptr<Running>> run(loop::Loop& loop, const KeyQuestion& question,
                                                     std::chrono::seconds within);

  // The process, for whoever looks at it.
  [[nodiscard]] pid_t process() const { return process_.process(); }

  static constexpr std::size_t kMost = 16;

 private:
  [[nodiscard]] Result<std::unique_ptr<Running>> ask(loop::Loop& loop, const ByteVector& question, std::size_t longest);
  explicit HookRunner(signer::Companion process) : process_(std::move(process)) {}

  signer::Companion process_;
};

}  // namespace bastion::hooks
