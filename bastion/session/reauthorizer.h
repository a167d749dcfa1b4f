// Sees to it that nobody stays who would not be let in any more: measures the sessions of a worker against the store
// again as soon as somebody has changed it, and when something in it expires.
//
// Four times a second the store is asked whether it was written to, which costs next to nothing; only when that has to
// do with anybody's permissions are the sessions looked at, a few in one turn of the loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>

#include "bastion/loop/timer.h"

namespace bastion::session {

class Reauthorizer {
 public:
  // What it needs of the worker.
  struct Place {
    loop::Loop& loop;
    // The number of the last change of permissions; nothing when nobody has written anything since it was last asked.
    std::function<std::optional<std::int64_t>()> change;
    std::function<std::int64_t()> clock;  // Unix seconds
    std::chrono::milliseconds every{250};
  };

  class Subject {
   public:
    // Ends when it is not allowed any more; else goes on under what is allowed now. Returns when it is to be asked
    // again even if nobody changes anything.
    virtual std::optional<std::int64_t> recheck(std::int64_t now) = 0;

   protected:
    ~Subject() = default;
  };

  // A session under oversight, for as long as the Watch lives. The Watch may die inside recheck(), the session not.
  class Watch {
   public:
    // `until` is what recheck() would return now.
    Watch(Reauthorizer& reauthorizer, Subject& session, std::optional<std::int64_t> until);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // There is something more to it that expires.
    void renew(std::optional<std::int64_t> until);

   private:
    Reauthorizer& reauthorizer_;
    std::int64_t number_;
  };

  explicit Reauthorizer(Place place);
  Reauthorizer(const Reauthorizer&) = delete;
  Reauthorizer& operator=(const Reauthorizer&) = delete;

  // Something else than the store has changed what is allowed: all sessions are looked at again.
  void look_again();

 private:
  static constexpr auto kNever = std::numeric_limits<std::int64_t>::max();
  static constexpr int kSlice = 64;
  static constexpr std::chrono::milliseconds kPause{1};  // libuv 1.44 would run a timer of 0 in the same turn

  void poll();
  void begin_round();
  void look_at_some();
  void end_round();

  Place place_;
  std::map<std::int64_t, Subject*> sessions_;  // by the order in which they came
  std::int64_t next_number_ = 0;
  std::optional<std::int64_t> seen_;  // the change that the sessions are being measured against
  std::int64_t next_expiry_ = kNever;
  std::int64_t looked_at_ = -1;  // the sessions up to this number
  bool is_looking_ = false;      // in the middle of a round, between two turns of the loop
  bool is_due_ = false;          // another one follows it
  loop::Timer poll_;
  loop::Timer slice_;
};

}  // namespace bastion::session
