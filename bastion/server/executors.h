// Every thread of the process that may wait for something, beside those of workers, writer and log: one executor for
// each kind of waiting, all made before the first connection is accepted.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/loop/executor.h"

namespace bastion::server {

class Executors {
 public:
  // All of them, or why the system does not give as many threads.
  [[nodiscard]] static Result<Executors> start();

  // Commands that change something: they wait for each other, and for whoever else has locked the database.
  [[nodiscard]] loop::Executor& changes() { return *changes_; }
  // Commands that only read, and completions.
  [[nodiscard]] loop::Executor& questions() { return *questions_; }
  // Commands that have something done on other machines: they wait for those, for minutes.
  [[nodiscard]] loop::Executor& errands() const { return *errands_; }
  // Commands that users give about themselves: however many there are, those above do not wait for them.
  [[nodiscard]] loop::Executor& own() const { return *own_; }
  // DNS.
  [[nodiscard]] loop::Executor& names() { return *names_; }
  // Verifying and hashing: what is expensive, and asked for by strangers.
  [[nodiscard]] loop::Executor& credentials() { return *credentials_; }
  // Passwords of strangers: 64 MiB of memory each while one is looked at, and nobody waits for anything else.
  [[nodiscard]] loop::Executor& passwords() { return *passwords_; }
  // The configuration, on whatever disk it is.
  [[nodiscard]] loop::Executor& files() { return *files_; }

  // No further errand begins, and whoever waits for one is told so; those that have begun are waited for, for so long
  // at most.
  void finish_errands(std::chrono::milliseconds within);
  // Nothing begins any more. A change that has begun, and an errand, is waited for, for so long at most; whatever else
  // goes on changes nothing, and is given a moment. What goes on then all the same is named.
  [[nodiscard]] std::vector<std::string> close(std::chrono::milliseconds within);

 private:
  Executors() = default;

  std::unique_ptr<loop::Executor> changes_;
  std::unique_ptr<loop::Executor> questions_;
  std::unique_ptr<loop::Executor> errands_;
  std::unique_ptr<loop::Executor> own_;
  std::unique_ptr<loop::Executor> names_;
  std::unique_ptr<loop::Executor> credentials_;
  std::unique_ptr<loop::Executor> passwords_;
  std::unique_ptr<loop::Executor> files_;
};

}  // namespace bastion::server
