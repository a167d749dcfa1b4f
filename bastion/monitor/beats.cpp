#include "bastion/monitor/beats.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bastion::monitor {

Beats::Beats(loop::Loop& loop, std::vector<Watched> watched, Times times)
    : loop_(loop), times_(times), timer_(loop, [this] { beat(); }) {
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
