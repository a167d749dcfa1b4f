#include "bastion/server/watching.h"

#include <utility>

#include "bastion/server/fate.h"

namespace bastion::server {

using monitor::Watched;

monitor::Sources sources(const metrics::Counters& counters, store::Writer& writer, Executors& executors,
                         const store::fleet::Follower* follower) {
  monitor::Sources all{.counters = counters,
                       .writer = writer,
                       .fates = {},
                       .executors = {{"changes", &executors.changes()},
                                     {"questions", &executors.questions()},
                                     {"errands", &executors.errands()},
                                     {"own", &executors.own()},
                                     {"names", &executors.names()},
                                     {"credentials", &executors.credentials()},
                                     {"passwords", &executors.passwords()},
                                     {"files", &executors.files()}}};
  if (follower != nullptr) {
    all.fleet = [follower] {
      const auto state = follower->state();
      return monitor::Sources::Fleet{.change = state.number, .is_current = state.is_current};
    };
  }
  for (const auto& fate : fates()) all.fates.push_back({fate.reason, &(counters.*fate.counter)});
  return all;
}

std::vector<Watched> watched(loop::Loop& main, const LoginThreads& logins) {
  const auto& workers = logins.workers();
  const auto& strangers = logins.strangers();
  std::vector<Watched> all;
  all.push_back(
      {.kind = "main", .ask = [&main](Watched::Take take) { main.post([take = std::move(take)] { take({}); }); }});
  for (std::size_t i = 0; i < workers.size(); ++i) {
    all.push_back({.kind = "worker", .number = i, .ask = [worker = workers[i].get()](Watched::Take take) {
                     worker->weigh(std::move(take));
                   }});
  }
  for (std::size_t i = 0; i < strangers.size(); ++i) {
    all.push_back({.kind = "strangers", .number = i, .ask = [one = strangers[i].get()](Watched::Take take) {
                     one->weigh(std::move(take));
                   }});
  }
  return all;
}

}  // namespace bastion::server
