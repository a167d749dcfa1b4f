// How much each source may have of something at once that is expensive and that strangers ask for.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/base/network.h"
#include "bastion/config/config.h"

namespace bastion::server {

// From any thread.
class SourceSlots {
  struct State;

 public:
  // One that is taken; it is given back when this is gone, on whichever thread that is.
  class Slot {
   public:
    Slot(Slot&& other) noexcept = default;
    Slot& operator=(Slot&& other) = delete;
    ~Slot();

   private:
    friend class SourceSlots;
    Slot(std::shared_ptr<State> state, Network source) : state_(std::move(state)), source_(source) {}

    std::shared_ptr<State> state_;  // nullptr: it was moved from, or is of a source that is not counted
    Network source_;
  };

  SourceSlots(std::size_t most, const config::Config& config);

  // For what is taken from then on.
  void apply(const config::Config& config);
  // One for a connection from this address; nothing: its source has as many as it may. Those that are `exempt` have as
  // many as they like.
  [[nodiscard]] std::optional<Slot> take(const std::string& host);

 private:
  const std::size_t most_;
  std::shared_ptr<State> state_;
};

}  // namespace bastion::server
