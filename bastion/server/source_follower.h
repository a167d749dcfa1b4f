// Asks the daemons that run containers what they run (bastion/follow): in turn, and at once for a login that does not
// find its container. The backend is asked by a worker, over a hop; what it says is understood and put into the
// directory on a thread for changes. On the main loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bastion/admin/grammar/runtime.h"
#include "bastion/fleet/directory.h"
#include "bastion/follow/lookout.h"
#include "bastion/follow/put.h"
#include "bastion/follow/schedule.h"
#include "bastion/follow/source.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/work.h"
#include "bastion/metrics/counters.h"
#include "bastion/server/newcomers.h"
#include "store/database.h"
#include "store/sources.h"

namespace bastion::server {

class Workers;

class SourceFollower final : public follow::Lookout {
 public:
  // All of it outlives this, and the workers' threads end before.
  struct Place {
    loop::Loop& loop;
    Workers& workers;
    loop::Executor& changes;
    fleet::Directory directory;
    metrics::Counters& counters;
  };
  // How often it looks which sources there are.
  static constexpr std::chrono::milliseconds kTick{1000};

  explicit SourceFollower(Place place);
  ~SourceFollower() override;
  SourceFollower(const SourceFollower&) = delete;
  SourceFollower& operator=(const SourceFollower&) = delete;

  // Before anybody asks.
  [[nodiscard]] Result<> start();
  // Another process serves, and asks from now on. Logins that are here still may.
  void end() { schedule_.only_when_wanted(); }

  // From any thread.
  [[nodiscard]] std::unique_ptr<Question> ask(loop::Loop& asker, std::int64_t source, std::int64_t container,
                                              OnOver on_over) override;

 private:
  // A login that waits.
  struct Waiting {
    std::int64_t container = 0;
    std::function<void()> answer;
    bool is_late = false;  // the source was being asked when it came
  };
  struct Source {
    std::string name;  // of its backend
    follow::Source source;
    std::unique_ptr<admin::Runtime::Question> question = nullptr;
    std::unique_ptr<Newcomers> newcomers = nullptr;
    std::unique_ptr<loop::Work> work = nullptr;
    std::vector<Waiting> waiting = {};
    std::string failure = {};  // that is in the log already
  };

  void look_for_sources();
  // True: it is another one than before.
  bool take(const store::Sources::Set& set);
  void ask_due();
  void list(std::int64_t id, Source& source);
  void put(std::int64_t id, Result<std::string> listed);
  // Asks for their host keys, where there are newcomers.
  void settle(std::int64_t id, const Result<follow::Report>& report);
  void put_arrivals(std::int64_t id, follow::Report report, std::vector<follow::Proof> proofs);
  void over(std::int64_t id, const Result<follow::Report>& report);
  void tell(Source& source, const Result<follow::Report>& report);
  void on_wanted(std::int64_t id, Waiting waiting);

  Place place_;
  std::unique_ptr<store::Database> database_;  // for reading
  std::unique_ptr<store::Sources> in_store_;
  std::string unreadable_;  // why, as the log has it already
  follow::Schedule schedule_;
  std::map<std::int64_t, Source> sources_;
  loop::Timer tick_;
};

}  // namespace bastion::server
