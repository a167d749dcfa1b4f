// What one worker starts: each thing once at a time, however many wait for it, and to its end, whoever of them leaves.
// All of it on the worker's loop.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "bastion/base/task.h"
#include "bastion/loop/timer.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"
#include "bastion/wake/attempts.h"
#include "bastion/wake/wanted.h"

namespace bastion::store {
class Writer;
}
namespace bastion::hooks {
class HookRunner;
}

namespace bastion::wake {

class Station {
 public:
  struct Place {
    const upstream::Credentials& credentials;
    upstream::HopPool& hops;
    store::Writer& writer;
    hooks::HookRunner* hooks;    // nullptr: backends cannot be started
    std::chrono::seconds limit;  // from the command to the first bytes of SSH
    // Of a container that was started and does not answer: where it is now, which may be somewhere else. Null: it is
    // where it was.
    std::function<Task<>(Wanted&)> find_again = nullptr;
  };
  using OnOver = std::function<void(Woken)>;

  explicit Station(Place place) : place_(place) {}
  // What is under way is given up, and written down as that: what was begun elsewhere goes on there.
  ~Station();
  Station(const Station&) = delete;
  Station& operator=(const Station&) = delete;

  // For what is begun from now on.
  void limit(std::chrono::seconds limit) { place_.limit = limit; }
  // `on_over` is called once: now, where the last attempt has failed a short while ago, or when this one is over.
  void ask(Wanted wanted, OnOver on_over);

 private:
  struct Attempt {
    Attempt(Station& station, Wanted wanted);
    Wanted wanted;
    std::chrono::milliseconds began;
    bool is_written_down = false;  // that it has begun
    bool is_told = false;          // the command that starts it has ended well
    std::vector<OnOver> waiting;
    loop::Timer deadline;
    Task<Woken> task;
  };

  [[nodiscard]] Task<Woken> start(Attempt& attempt) const;
  [[nodiscard]] Task<Result<>> run_hook(const Wanted& wanted) const;
  [[nodiscard]] Task<> until_it_answers(Wanted wanted) const;
  void over(Attempt& attempt, const Woken& woken);
  void begin(Attempt& attempt) const;
  void write_down(const Attempt& attempt, std::string outcome, std::string detail) const;

  Place place_;
  Attempts attempts_;
  std::list<std::unique_ptr<Attempt>> under_way_;
};

}  // namespace bastion::wake
