#include "bastion/server/executors.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

namespace bastion::server {
namespace {

using std::chrono::milliseconds;

// SQLite lets one of them write at a time, and the others wait in it for half a minute at most. There are more threads
// than one for documents, which are understood before the database is asked for. More changes than this at once are a
// mistake of somebody's script, who is better told than kept waiting for minutes.
constexpr loop::Executor::Size kChanges{.threads = 4, .queue = 64};
// Readers do not wait for each other; a long `export` must not keep completions waiting.
constexpr loop::Executor::Size kQuestions{.threads = 4, .queue = 64};
// Each may wait for minutes until an instance has started; a script that makes a hundred waits for its own.
constexpr loop::Executor::Size kErrands{.threads = 4, .queue = 64};
// Each takes some milliseconds; one thread leaves the database to everybody else most of the time.
constexpr loop::Executor::Size kOwn{.threads = 1, .queue = 64};
// A name whose server is silent holds a thread for some ten seconds, any other one for milliseconds. A worker looks up
// the name of a backend once at a time; what has waited for `connect_timeout` leaves the queue.
constexpr loop::Executor::Size kNames{.threads = 8, .queue = 256};
// They compute and do not wait: more threads would take the processors from the workers.
constexpr loop::Executor::Size kCredentials{.threads = 2, .queue = 256};
// So they do, with 64 MiB of memory for each. At 100 ms for one, the last in the queue waits for some three seconds.
constexpr loop::Executor::Size kPasswords{.threads = 2, .queue = 64};
// One reading at a time.
constexpr loop::Executor::Size kFiles{.threads = 1, .queue = 1};

// For what nobody needs any more.
constexpr milliseconds kMoment{100};

}  // namespace

Result<Executors> Executors::start() {
  Executors all;
  std::optional<Error> failure;
  const auto make = [&](std::unique_ptr<loop::Executor>& place, std::string jobs, loop::Executor::Size size) {
    if (failure) return;
    auto made = loop::Executor::start(std::move(jobs), size);
    if (made) {
      place = *std::move(made);
    } else {
      failure = std::move(made.error());
    }
  };
  make(all.changes_, "changes", kChanges);
  make(all.questions_, "questions", kQuestions);
  make(all.errands_, "errands", kErrands);
  make(all.own_, "commands of users", kOwn);
  make(all.names_, "name look-ups", kNames);
  make(all.credentials_, "signatures", kCredentials);
  make(all.passwords_, "passwords", kPasswords);
  make(all.files_, "files", kFiles);
  if (failure) return std::unexpected(*std::move(failure));
  return all;
}

void Executors::finish_errands(milliseconds within) { std::ignore = errands_->close(within); }

std::vector<std::string> Executors::close(milliseconds within) {
  const auto until = std::chrono::steady_clock::now() + within;
  const std::array others{questions_.get(), names_.get(), credentials_.get(), passwords_.get(), files_.get()};
  for (auto* const executor : others) std::ignore = executor->close(milliseconds::zero());
  std::vector<std::string> going_on;
  std::ignore = errands_->close(milliseconds::zero());
  std::ignore = own_->close(milliseconds::zero());
  if (!changes_->close(within)) going_on.push_back(changes_->jobs());
  if (!own_->close(kMoment)) going_on.push_back(own_->jobs());
  const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
  if (!errands_->close(std::max(left, kMoment))) going_on.push_back(errands_->jobs());
  for (auto* const executor : others) {
    if (!executor->close(kMoment)) going_on.push_back(executor->jobs());
  }
  return going_on;
}

}  // namespace bastion::server
