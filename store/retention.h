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
  std::int64_t seconds = 0;        // 0: for ever
  std::int64_t seconds_reads = 0;  // of what is worth less: denied logins, and these actions; 0: as all others
  std::vector<std::string> reads = {};
};

// One pass over the history, from the oldest row on.
class RetentionPass {
 public:
  // So many rows of each table are looked at in one step.
  static constexpr int kStep = 500;

  explicit RetentionPass(Retention retention) : retention_(std::move(retention)) {}

  // Call inside a transaction. Whether something is left to be looked at.
  [[nodiscard]] Result<bool> step(Database& database, std::int64_t now);

 private:
  Retention retention_;
  AuditPlace looked_at_{.at = 0, .id = 0};
  std::int64_t session_ = 0;  // the same, of sessions
};

}  // namespace bastion::store
