#include "bastion/access/lifetime.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bastion::access {
namespace {

using std::chrono::seconds;
using Time = Lifetime::Time;

constexpr Time kNotice = seconds{60};
// That something has happened is seen when it is looked for: this often in the length of the limit, but not in vain.
constexpr int kLooks = 20;
constexpr Time kSeldom = seconds{30};

std::string words_until(Time now, Time end) { return words_for(std::chrono::ceil<seconds>(end - now)); }

}  // namespace

std::string words_for(seconds length) {
  const auto say = [](std::int64_t count, std::string_view unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
  };
  const auto count = length.count();
  if (count > 0 && count % 3600 == 0) return say(count / 3600, "hour");
  if (count > 60 && count % 60 == 0) return say(count / 60, "minute");
  return say(count, "second");
}

// When the warning is due.
Time Lifetime::Limit::notice() const { return over() - std::min<Time>(kNotice, Time(length) / 4); }

Lifetime::Lifetime(const Limits& limits, Time now) : idle_{limits.idle, now}, total_{limits.total, now} {}

void Lifetime::limit(const Limits& limits) {
  set(idle_, limits.idle);
  set(total_, limits.total);
}

void Lifetime::set(Limit& limit, seconds length) {
  if (std::exchange(limit.length, length) != length) limit.warned = false;
}

Lifetime::Look Lifetime::look(Time now, std::uint64_t moved) {
  if (std::exchange(moved_, moved) != moved) {
    idle_.since = now;
    idle_.warned = false;
  }
  Look look;
  const auto look_within = [&](Time due) { look.again = std::min(look.again.value_or(due), due); };
  if (total_.is_set()) {
    const auto length = words_for(total_.length);
    if (now >= total_.over()) return {.end = End{Reason::max_session, length, {}}, .warning = {}, .again = {}};
    if (now >= total_.notice() && !std::exchange(total_.warned, true)) {
      look.warning = fmt::format("this session ends in {}: session limit {}", words_until(now, total_.over()), length);
    }
    look_within((total_.warned ? total_.over() : total_.notice()) - now);
  }
  if (idle_.is_set()) {
    if (now >= idle_.over()) {
      return {.end = End{Reason::idle_timeout, words_for(idle_.length), {}}, .warning = {}, .again = {}};
    }
    if (now >= idle_.notice() && !std::exchange(idle_.warned, true) && look.warning.empty()) {
      look.warning = fmt::format("this session ends in {} if it stays idle", words_until(now, idle_.over()));
    }
    look_within((idle_.warned ? idle_.over() : idle_.notice()) - now);
    look_within(std::min<Time>(kSeldom, Time(idle_.length) / kLooks));
  }
  return look;
}

}  // namespace bastion::access
