// One event loop, run by one thread. Everything made on a loop belongs to its thread; only post() may be called from
// another one.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/loop/handle.h"

struct uv_loop_s;

namespace bastion::loop {

// Something to do once, at the end of the turn in which it was asked for: sending what a whole turn has queued.
class TurnEnd {
 public:
  virtual void at_turn_end() = 0;

 protected:
  ~TurnEnd() = default;
};

// Whoever has much to read. One of them reads, then the loop looks for what else has come: what is small does not wait
// until all that is large was moved.
class BulkReader {
 public:
  virtual void at_bulk_turn() = 0;

 protected:
  ~BulkReader() = default;

 private:
  friend class Loop;
  bool waits_for_turn_ = false;
};

class Loop {
 public:
  Loop();
  // All handles must be gone; what they leave to libuv is run to its end.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Until stop(). May be called again.
  void run();
  void stop();

  // Monotonic, frozen for the length of a turn.
  [[nodiscard]] std::chrono::milliseconds now() const;
  // The same clock at this very moment, for measuring what is faster than that.
  [[nodiscard]] static std::chrono::microseconds instant();

  // Runs the function on the loop's thread, soon. From any thread. Dropped when the loop never runs again.
  void post(std::move_only_function<void()> function);

  // At the end of this turn, once however often it is asked for.
  void want_turn_end(TurnEnd& who);
  void forget_turn_end(TurnEnd& who);

  // In one of the next turns, once however often it is asked for; in the order in which they asked.
  void want_bulk_turn(BulkReader& who);
  void forget_bulk_turn(BulkReader& who);

  // Nothing dies under its own callback: it lies here until the turn ends.
  template <typename T>
  void defer_delete(std::unique_ptr<T> dead) {
    if (dead) deferred_.emplace_back(dead.release(), [](void* object) { delete static_cast<T*>(object); });
  }

  // For reading into, within one callback.
  [[nodiscard]] MutableBytes scratch() { return scratch_; }

  [[nodiscard]] uv_loop_s* raw() { return uv_.get(); }

 private:
  struct CloseLoop {
    void operator()(uv_loop_s* loop) const;
  };
  struct Before;
  struct Wake;
  struct Bulk;
  using Deferred = std::unique_ptr<void, void (*)(void*)>;

  void run_posted();
  void end_turn();
  void take_bulk_turn();

  std::unique_ptr<uv_loop_s, CloseLoop> uv_;
  Handle<Before> before_waiting_;
  Handle<Wake> wake_;
  ByteVector scratch_;
  Handle<Bulk> bulk_turn_;
  std::deque<BulkReader*> bulk_;
  std::vector<TurnEnd*> turn_end_;
  std::vector<Deferred> deferred_;
  std::mutex posted_mutex_;
  std::vector<std::move_only_function<void()>> posted_;
};

}  // namespace bastion::loop
