#include "bastion/monitor/beats.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bastion::monitor {
namespace {

constexpr std::chrono::milliseconds kFreshWithin{500};

}  // namespace

Beats::Beats(loop::Loop& loop, std::vector<Watched> watched, Times times)
    : loop_(loop), times_(times), timer_(loop, [this] { beat(); }), fresh_within_(loop, [this] { tell_fresh(); }) {
  for (auto& one : watched) hearts_.push_back({.watched = std::move(one)});
  beat();
  timer_.repeat(times_.every);
}

// Whoever has not answered is not asked again: nothing piles up behind what stands still.
void Beats::beat() {
  for (std::size_t place = 0; place < hearts_.size(); ++place) {
    auto& heart = hearts_[place];
    if (heart.asked) continue;
    const auto asked = loop::Loop::instant();
    heart.asked = asked;
    heart.watched.ask([this, place, asked](const metrics::Load& load) {
      const auto lag = loop::Loop::instant() - asked;
      loop_.post([this, place, load, lag] { answered(place, load, lag); });
    });
  }
}

void Beats::answered(std::size_t place, const metrics::Load& load, std::chrono::microseconds lag) {
  auto& heart = hearts_[place];
  heart.load = load;
  heart.lag = lag;
  heart.asked.reset();
  lags_.observe(lag);
  if (std::ranges::none_of(hearts_, [](const Heart& one) { return one.asked.has_value(); })) tell_fresh();
}

// Whoever was asked a moment ago may answer that question.
void Beats::refresh(std::function<void()> then) {
  waiting_.push_back(std::move(then));
  if (waiting_.size() == 1) fresh_within_.start(kFreshWithin);
  beat();
}

void Beats::tell_fresh() {
  fresh_within_.stop();
  for (const auto& then : std::exchange(waiting_, {})) then();
}

std::vector<Beats::Heart> Beats::hearts() const {
  auto hearts = hearts_;
  const auto now = loop::Loop::instant();
  for (auto& heart : hearts) {
    if (heart.asked) heart.lag = std::max(heart.lag, now - *heart.asked);
  }
  return hearts;
}

std::string Beats::standing_still() const {
  std::string text;
  const auto now = loop::Loop::instant();
  for (const auto& heart : hearts_) {
    if (!heart.asked || now - *heart.asked < times_.stands_still) continue;
    const auto silent = std::chrono::duration_cast<std::chrono::seconds>(now - *heart.asked);
    text += fmt::format("{}{} {} has not turned for {} s", text.empty() ? "" : "; ", heart.watched.kind,
                        heart.watched.number, silent.count());
  }
  return text;
}

}  // namespace bastion::monitor
