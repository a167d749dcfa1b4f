// How long history is kept: takes away what is older, a little at a time, so that nobody waits for it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bastion/base/result.h"
#include "store/audit.h"

namespace bastion::store {

class Database;

struct Retention {
  std::int64_t seconds = 0;  // 0: for ever
  std::int64_t seconds_reads =
      0;  // of what is worth less: denied logins, sources that are refused, and these actions; 0: as all others
  std::vector<std::string> reads = {};
};

class HistoryPruner {
 public:
  // So many rows of each kind are taken away or looked at in one step.
  static constexpr int kStep = 500;

  explicit HistoryPruner(Retention retention) : retention_(std::move(retention)) {}

  // Call inside a transaction. Whether there is more to do now; with time there will be in any case.
  [[nodiscard]] Result<bool> step(Database& database, std::int64_t now);

 private:
  [[nodiscard]] Result<bool> take_away(Database& database, std::int64_t now);
  [[nodiscard]] Result<bool> remove_reads(Database& database, std::int64_t now);

  Retention retention_;
  // Up to where the rows that are worth less are gone. Those that stay are not looked at for them again.
  AuditPlace looked_at_{.at = 0, .id = 0};
};

}  // namespace bastion::store
