// When which source is asked: each in its turn, and at once where a login wants to know; one question at a time for
// each, and not one right behind another. Pure: time is an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace bastion::follow {

class Schedule {
 public:
  using Time = std::chrono::milliseconds;
  static constexpr Time kRest{1000};  // between the end of a question and the next one

  // The sources that there are now, and how often each is to be asked. One that is new is due at once.
  void set(const std::vector<std::pair<std::int64_t, std::chrono::seconds>>& sources, Time now);
  // From now on none is asked but where somebody wants to know.
  void only_when_wanted() { has_turns_ = false; }
  // Somebody wants to know now. False: there is no such source.
  [[nodiscard]] bool want(std::int64_t source);
  // Those that are to be asked now; they are being asked from then on, until over().
  [[nodiscard]] std::vector<std::int64_t> take_due(Time now);
  void over(std::int64_t source, Time now);

  [[nodiscard]] bool is_asked(std::int64_t source) const;

 private:
  struct State {
    std::chrono::seconds every{60};
    Time due{0};
    Time not_before{0};
    bool is_wanted = false;
    bool is_asked = false;
    bool is_set = true;
  };

  bool has_turns_ = true;
  std::map<std::int64_t, State> sources_;
};

}  // namespace bastion::follow
