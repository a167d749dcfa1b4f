#include "bastion/monitor/elsewhere.h"

#include <algorithm>

namespace bastion::monitor {
namespace {

// The id of what is one sum: no process has it.
const std::string kLongAgo;

metrics::Samples counted_in(const metrics::Samples& samples) {
  metrics::Samples counted;
  for (const auto& one : samples) {
    if (metrics::is_counted(one.first)) counted.insert(one);
  }
  return counted;
}

}  // namespace

void Elsewhere::take(const std::vector<Told>& told) {
  for (auto& [id, process] : processes_) {
    process.is_there = false;
    process.carries.clear();
  }
  there_ = told.size();
  silent_ = static_cast<std::size_t>(std::ranges::count_if(told, [](const Told& one) { return !one.has_value(); }));
  for (const auto& report : told) {
    if (!report) continue;
    for (const auto& [id, samples] : report->others) hear(id, samples);
    if (report->id.empty() || report->id == own_id_) continue;
    hear(report->id, report->samples);
    auto& process = processes_[report->id];
    process.is_there = true;
    for (const auto& one : report->samples) {
      if (!metrics::is_counted(one.first)) process.carries.insert(one);
    }
  }
  forget_some();
}

void Elsewhere::take_last(const std::string& id, const metrics::Samples& samples) {
  if (id.empty()) return;
  hear(id, samples);
  if (const auto known = processes_.find(id); known != processes_.end()) known->second.carries.clear();
  forget_some();
}

void Elsewhere::hear(const std::string& id, const metrics::Samples& samples) {
  if (id == own_id_) return;
  if (id == kLongAgo) return metrics::take_larger(long_ago_, counted_in(samples));
  const auto [known, is_new] = processes_.try_emplace(id);
  if (is_new) order_.push_back(id);
  metrics::take_larger(known->second.counted, counted_in(samples));
}

void Elsewhere::forget_some() {
  while (order_.size() > kMostEnded) {
    const auto ended = std::ranges::find_if(order_, [this](const auto& id) { return !processes_.at(id).is_there; });
    if (ended == order_.end()) return;
    metrics::add_up(long_ago_, processes_.at(*ended).counted);
    processes_.erase(*ended);
    order_.erase(ended);
  }
}

metrics::Samples Elsewhere::sum() const {
  auto all = long_ago_;
  for (const auto& [id, process] : processes_) {
    metrics::add_up(all, process.counted);
    metrics::add_up(all, process.carries);
  }
  return all;
}

std::map<std::string, metrics::Samples> Elsewhere::counted() const {
  std::map<std::string, metrics::Samples> all;
  if (!long_ago_.empty()) all.emplace(kLongAgo, long_ago_);
  for (const auto& [id, process] : processes_) all.emplace(id, process.counted);
  return all;
}

}  // namespace bastion::monitor
