// What this process has counted, for the others that serve, and theirs for the monitor of this one.
#pragma once

#include <memory>
#include <string>

#include "bastion/admin/peer_figures.h"
#include "bastion/admin/peer_runtime.h"
#include "bastion/monitor/monitor.h"

namespace bastion::server {

class GenerationFigures final : public admin::PeerFiguresKeeper {
 public:
  // Both outlive it. Without a monitor nothing is known.
  GenerationFigures(const std::unique_ptr<monitor::Monitor>& monitor, const admin::PeerRuntime& everywhere)
      : monitor_(monitor), everywhere_(everywhere) {}

  void ask_figures(std::function<void(admin::PeerFigures)> take) override;
  void take_last(const std::string& id, const admin::PeerSamples& samples) override;

  // For the monitor, as it has them. `own_id` is no server id: those have other processes later.
  [[nodiscard]] monitor::Monitor::Others others(std::string own_id, bool follows) const;

 private:
  const std::unique_ptr<monitor::Monitor>& monitor_;
  const admin::PeerRuntime& everywhere_;
};

}  // namespace bastion::server
