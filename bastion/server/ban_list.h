// The networks that administrators have banned, for whoever accepts connections: as many look-ups as there are
// different lengths of prefixes, however many networks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "bastion/base/network.h"

namespace bastion::server {

class BanList {
 public:
  struct Ban {
    Network network;
    std::optional<std::int64_t> until = std::nullopt;  // Unix seconds; nothing: for good
  };

  BanList() = default;
  explicit BanList(const std::vector<Ban>& bans) {
    for (const auto& ban : bans) by_length_[length_of(ban.network)].insert_or_assign(ban.network, ban.until);
  }

  [[nodiscard]] bool has(const Address& address, std::int64_t now) const {
    for (const auto& [length, networks] : by_length_) {
      if (length.first != address.size) continue;
      const auto found = networks.find(Network::around(address, length.second));
      if (found != networks.end() && (!found->second || *found->second > now)) return true;
    }
    return false;
  }

 private:
  using Length = std::pair<std::size_t, std::size_t>;  // of the address, of the prefix

  static Length length_of(const Network& network) { return {network.first().size, network.prefix()}; }

  std::map<Length, std::map<Network, std::optional<std::int64_t>>> by_length_;
};

}  // namespace bastion::server
