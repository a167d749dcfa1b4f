#include "bastion/server/rsa_signatures.h"

#include <algorithm>

namespace bastion::server {

void RsaSignatures::apply(const config::Config& config) {
  const std::scoped_lock lock(mutex_);
  most_ = config.max_rsa_signatures_per_source;
  block_ = config.source_block;
  exempt_ = config.exempt;
}

Network RsaSignatures::source_of(const Address& address) const {
  return Network::around(address, static_cast<std::size_t>(address.is_ipv4() ? block_.ipv4 : block_.ipv6));
}

bool RsaSignatures::take(const std::string& host, Time now) {
  const auto address = address_of(host).value_or(Address{});
  const std::scoped_lock lock(mutex_);
  if (most_ == 0) return true;
  if (std::ranges::any_of(exempt_, [&](const Network& network) { return network.contains(address); })) return true;
  const auto source = source_of(address);
  auto& table = table_of(address);
  table.pass(now);
  const auto* const known = table.find(source);
  const auto until = (known == nullptr ? now : known->until) + each();
  if (until > now + kWindow) return false;
  if (known == nullptr && table.size() >= kMostSources) table.remove_first();
  table.put(source, until, {});
  return true;
}

void RsaSignatures::give_back(const std::string& host) {
  const auto address = address_of(host).value_or(Address{});
  const std::scoped_lock lock(mutex_);
  if (most_ == 0) return;
  const auto source = source_of(address);
  auto& table = table_of(address);
  if (const auto* const known = table.find(source)) table.put(source, known->until - each(), {});
}

}  // namespace bastion::server
