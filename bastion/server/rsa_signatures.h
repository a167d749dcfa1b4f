// How many key exchanges of strangers one source may have signed with an RSA host key. Which kind of key signs is the
// client's choice, and one of RSA costs forty times what another one does.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "bastion/base/network.h"
#include "bastion/config/config.h"
#include "bastion/server/expiring.h"

namespace bastion::server {

// From any thread. Times are by one clock that only goes forward.
class RsaSignatures {
 public:
  using Time = std::chrono::milliseconds;

  static constexpr std::chrono::minutes kWindow{1};
  // IPv4 and IPv6 each; of one more than that, the one that would have all it may again first has it at once.
  static constexpr std::size_t kMostSources = 65'536;

  explicit RsaSignatures(const config::Config& config) { apply(config); }

  // For what comes from then on.
  void apply(const config::Config& config);
  // One for a connection from this address; false: it is one too many.
  [[nodiscard]] bool take(const std::string& host, Time now);
  // It was for a login: that one does not count.
  void give_back(const std::string& host);

 private:
  // Until when the source has to wait to have none of them used, if none is taken any more.
  using Table = Expiring<std::monostate>;

  // The time in which one comes back.
  [[nodiscard]] Time each() const { return Time(kWindow) / most_; }
  [[nodiscard]] Network source_of(const Address& address) const;
  [[nodiscard]] Table& table_of(const Address& address) { return tables_[address.is_ipv4() ? 0 : 1]; }

  std::mutex mutex_;
  int most_ = 0;  // guarded by mutex_, as what follows; 0: as many as it likes
  config::SourceBlock block_;
  std::vector<Network> exempt_;
  std::array<Table, 2> tables_;
};

}  // namespace bastion::server
