#include "bastion/server/connection_limiter.h"

namespace bastion::server {
namespace {

constexpr int kCertain = 100;

std::size_t place_of(Progress progress) { return static_cast<std::size_t>(progress); }

// The first of a queue, if it is there for so long.
std::optional<std::string> first_before(const std::set<std::pair<ConnectionLimiter::Time, std::string>>& queue,
                                        ConnectionLimiter::Time latest) {
  if (queue.empty() || queue.begin()->first > latest) return std::nullopt;
  return queue.begin()->second;
}

}  // namespace

std::size_t ConnectionLimiter::Source::count() const {
  std::size_t count = 0;
  for (const auto& queue : by_progress) count += queue.size();
  return count;
}

ConnectionLimiter::Verdict ConnectionLimiter::take(const Newcomer& newcomer, Time now) {
  const auto source = sources_.find(newcomer.source);
  const auto from_there = source == sources_.end() ? 0 : source->second.count();
  const bool is_source_full = from_there >= static_cast<std::size_t>(limits_.per_source);
  std::optional<std::string> leaves;
  if (is_source_full) {
    leaves = of_source(newcomer, now);
    if (!leaves) return {.refused = Fate::full_source};
  } else if (is_dropped(newcomer.lot)) {
    leaves = of_all(newcomer, from_there, now);
    if (!leaves) return {.refused = Fate::full};
  }
  Verdict verdict;
  if (leaves) {
    verdict.makes_room = Known{*leaves, strangers_.at(*leaves).host};
    settle(*leaves);
  }
  put(newcomer.id, {.host = newcomer.host,
                    .source = newcomer.source,
                    .progress = newcomer.has_spoken ? Progress::talking : Progress::silent,
                    .since = now});
  return verdict;
}

// As drop_connection() of OpenSSH's sshd.c: the chance grows evenly.
bool ConnectionLimiter::is_dropped(int lot) const {
  const auto there = static_cast<int>(strangers_.size());
  const auto& all = limits_.all;
  if (there >= all.full) return true;
  if (there < all.start) return false;
  return lot < all.rate + (kCertain - all.rate) * (there - all.start) / (all.full - all.start);
}

std::optional<std::string> ConnectionLimiter::of_source(const Newcomer& newcomer, Time now) const {
  const auto& queues = sources_.at(newcomer.source).by_progress;
  const bool is_suspect = newcomer.is_suspect;
  const bool has_spoken = newcomer.has_spoken;
  struct Step {
    Progress progress;
    Time least;
  };
  const std::array<Step, kKinds> steps{{{Progress::silent, is_suspect || has_spoken ? kBesideOthers : kSilent},
                                        {Progress::denied, is_suspect ? Time::zero() : kStalled},
                                        {Progress::talking, is_suspect && has_spoken ? kSuspectTalking : kStalled}}};
  for (const auto& step : steps) {
    if (auto found = first_before(queues.at(place_of(step.progress)), now - step.least)) return found;
  }
  return std::nullopt;
}

std::optional<std::string> ConnectionLimiter::of_all(const Newcomer& newcomer, std::size_t from_there, Time now) const {
  if (!most_silent_.empty()) {
    const auto& [silent, where] = *most_silent_.rbegin();
    const auto usual = silent >= kCrowd * (from_there + 1) ? kCrowded : kSilent;
    const auto least = newcomer.has_spoken ? kBesideOthers : usual;
    const auto& queues = sources_.at(where).by_progress;
    if (auto found = first_before(queues.at(place_of(Progress::silent)), now - least)) return found;
  }
  if (most_.empty() || strangers_.size() < static_cast<std::size_t>(limits_.all.full)) return std::nullopt;
  const auto& queues = sources_.at(most_.rbegin()->second).by_progress;
  for (const auto progress : {Progress::denied, Progress::talking}) {
    if (auto found = first_before(queues.at(place_of(progress)), now - kStalled)) return found;
  }
  return std::nullopt;
}

void ConnectionLimiter::progressed(const std::string& id, Progress progress, Time now) {
  const auto found = strangers_.find(id);
  if (found == strangers_.end()) return;
  auto stranger = found->second;
  remove(id, stranger);
  stranger.progress = progress;
  stranger.since = now;
  put(id, stranger);
}

void ConnectionLimiter::settle(const std::string& id) {
  const auto found = strangers_.find(id);
  if (found == strangers_.end()) return;
  const auto stranger = found->second;
  remove(id, stranger);
}

void ConnectionLimiter::put(const std::string& id, const Stranger& stranger) {
  unrank(stranger.source);
  strangers_.insert_or_assign(id, stranger);
  sources_[stranger.source].by_progress.at(place_of(stranger.progress)).emplace(stranger.since, id);
  rank(stranger.source);
}

void ConnectionLimiter::remove(const std::string& id, const Stranger& stranger) {
  unrank(stranger.source);
  auto& source = sources_.at(stranger.source);
  source.by_progress.at(place_of(stranger.progress)).erase({stranger.since, id});
  if (source.count() == 0) sources_.erase(stranger.source);
  rank(stranger.source);
  strangers_.erase(id);
}

void ConnectionLimiter::unrank(const Network& source) {
  const auto found = sources_.find(source);
  if (found == sources_.end()) return;
  most_silent_.erase({found->second.by_progress.at(place_of(Progress::silent)).size(), source});
  most_.erase({found->second.count(), source});
}

void ConnectionLimiter::rank(const Network& source) {
  const auto found = sources_.find(source);
  if (found == sources_.end()) return;
  const auto silent = found->second.by_progress.at(place_of(Progress::silent)).size();
  if (silent > 0) most_silent_.emplace(silent, source);
  most_.emplace(found->second.count(), source);
}

}  // namespace bastion::server
