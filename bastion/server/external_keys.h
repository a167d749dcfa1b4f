// `authorized_keys_command`: the program that is asked for keys of a user, by the process that runs hooks
// (hooks/hook_runner.h), for strangers, sessions and explain on their own threads.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bastion/auth/external_keys.h"
#include "bastion/base/key_command.h"
#include "bastion/base/task.h"
#include "bastion/config/config.h"
#include "bastion/loop/executor.h"
#include "bastion/loop/loop.h"
#include "bastion/server/key_questions.h"

namespace bastion::hooks {
class HookRunner;
}

namespace bastion::server {

class ExternalKeyProgram final : public auth::ExternalKeys {
 public:
  // What it needs; all of it outlives this. Nothing is asked while `home` does not turn.
  struct Place {
    loop::Loop& home;
    hooks::HookRunner& runner;
    loop::Executor& executor;  // what it prints is parsed there
  };
  // nullptr: none is configured.
  [[nodiscard]] static Result<std::unique_ptr<ExternalKeyProgram>> make(const Place& place,
                                                                        const config::Config& config);

  [[nodiscard]] Task<Answer> ask(loop::Loop& loop, Asked asked) override;
  [[nodiscard]] bool names_the_key() const override { return command_.names_the_key(); }

 private:
  using OnAnswer = std::function<void(Answer)>;
  struct Question {
    KeyQuestion tokens;
    bool is_somebody = true;
    std::string from_host;
  };
  class Waiter;

  ExternalKeyProgram(const Place& place, const config::Config& config, KeyCommand command);
  // All of these on the thread of `home`.
  void begin(const Question& question, const OnAnswer& on_answer);
  void go_on();
  [[nodiscard]] Task<> run(std::string key);
  [[nodiscard]] Task<Answer> print(const Question& question);
  // Takes as long as the last one has, and ends as that has.
  [[nodiscard]] Task<Answer> pretend();
  void note(const Question& question, const Answer& answer, std::chrono::microseconds took);
  [[nodiscard]] std::optional<Network> source_of(const std::string& host) const;

  Place place_;
  const KeyCommand command_;
  const std::chrono::seconds within_;
  const config::SourceBlock block_;
  KeyQuestions questions_;
  std::map<std::string, Question> asked_;  // that are not over, as questions_ has them
  std::map<std::string, std::vector<OnAnswer>> waiting_;
  std::list<std::unique_ptr<Task<>>> runs_;
  std::chrono::milliseconds last_took_;
  std::string last_failure_;  // empty: it has answered
};

}  // namespace bastion::server
