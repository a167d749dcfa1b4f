#include "bastion/server/generation_figures.h"

#include <utility>
#include <vector>

namespace bastion::server {

void GenerationFigures::ask_figures(std::function<void(admin::PeerFigures)> take) {
  if (!monitor_) return take({});
  monitor_->report([take = std::move(take)](monitor::Report report) {
    take({.id = std::move(report.id), .samples = std::move(report.samples), .others = std::move(report.others)});
  });
}

void GenerationFigures::take_last(const std::string& id, const admin::PeerSamples& samples) {
  if (monitor_) monitor_->take_last(id, samples);
}

monitor::Monitor::Others GenerationFigures::others(std::string own_id, bool follows) const {
  return {.own_id = std::move(own_id),
          .follows = follows,
          .any = [this] { return everywhere_.has_peers(); },
          .ask =
              [this] {
                std::vector<monitor::Elsewhere::Told> all;
                auto told = everywhere_.ask_figures();
                for (auto& figures : told) {
                  auto& report = all.emplace_back();
                  if (!figures) continue;
                  report =
                      monitor::Report{std::move(figures->id), std::move(figures->samples), std::move(figures->others)};
                }
                return all;
              }};
}

}  // namespace bastion::server
