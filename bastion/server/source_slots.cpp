#include "bastion/server/source_slots.h"

#include <algorithm>

namespace bastion::server {

struct SourceSlots::State {
  std::mutex mutex;
  config::SourceBlock block;  // guarded by mutex, as what follows
  std::vector<Network> exempt;
  std::map<Network, std::size_t> taken;  // of those that have some
};

SourceSlots::Slot::~Slot() {
  if (!state_) return;
  const std::scoped_lock lock(state_->mutex);
  const auto found = state_->taken.find(source_);
  if (found != state_->taken.end() && --found->second == 0) state_->taken.erase(found);
}

SourceSlots::SourceSlots(std::size_t most, const config::Config& config)
    : most_(most), state_(std::make_shared<State>()) {
  apply(config);
}

// What is taken by then is counted where it was.
void SourceSlots::apply(const config::Config& config) {
  const std::scoped_lock lock(state_->mutex);
  state_->block = config.source_block;
  state_->exempt = config.exempt;
}

std::optional<SourceSlots::Slot> SourceSlots::take(const std::string& host) {
  const auto address = address_of(host).value_or(Address{});
  const std::scoped_lock lock(state_->mutex);
  const auto bits = address.is_ipv4() ? state_->block.ipv4 : state_->block.ipv6;
  const auto source = Network::around(address, static_cast<std::size_t>(bits));
  if (std::ranges::any_of(state_->exempt, [&](const Network& network) { return network.contains(address); })) {
    return Slot(nullptr, source);
  }
  auto& taken = state_->taken[source];
  if (taken >= most_) return std::nullopt;
  ++taken;
  return Slot(state_, source);
}

}  // namespace bastion::server
