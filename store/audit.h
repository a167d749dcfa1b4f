// Who did what, when, and how it ended. Rows are added, never changed: a chain of hashes shows whether that is so.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "store/audit_chain.h"
#include "store/statement.h"

namespace bastion::store {

struct AuditEntry {
  std::int64_t at = 0;
  std::string actor;    // a user, or `local` for whoever sits on the machine; `-`: nobody who could be named
  std::string action;   // `login`, `enter`, `tunnel`, `logout`, or the words of a command: `user add`
  std::string subject;  // what it was done to
  std::string outcome;  // `done`, or a code of bastion/base/reason.h
  // What the actor came with; empty for `local`.
  std::string key_fingerprint = {};
  std::string from_host = {};
  std::string session = {};  // of which the row tells; empty: of none
  std::string detail = {};   // `account=root route=be1`: what else is to be said
  std::int64_t id = 0;       // the row's: a later one has a higher one. Not read by add()
};

struct LinkedEntry {
  AuditEntry entry;
  Sha256 link{};  // of the chain
};

// A place in the history: that of a row, or its end.
struct AuditPlace {
  std::int64_t at = std::numeric_limits<std::int64_t>::max();
  std::int64_t id = std::numeric_limits<std::int64_t>::max();
};

class Audit {
 public:
  explicit Audit(Database& database);

  // Inside a transaction: for a change, that which makes it. The row gets its link of the chain (audit_chain.h).
  [[nodiscard]] Result<> add(const AuditEntry& entry);
  // The newest first; `since` in Unix seconds, and before a place. With an actor, only what that one did.
  [[nodiscard]] Result<std::vector<AuditEntry>> latest(int limit, std::int64_t since = 0,
                                                       const AuditPlace& before = {});
  [[nodiscard]] Result<std::vector<AuditEntry>> latest_of(std::string_view actor, int limit, std::int64_t since = 0,
                                                          const AuditPlace& before = {});
  // Where a row stands.
  [[nodiscard]] Result<AuditPlace> place_of(std::int64_t id);

  // What was added after a row, the oldest first: for who follows.
  [[nodiscard]] Result<std::vector<AuditEntry>> after(std::int64_t id, int limit);
  [[nodiscard]] Result<std::vector<AuditEntry>> after(std::string_view actor, std::int64_t id, int limit);
  // The last row there is; 0 when there is none.
  [[nodiscard]] Result<std::int64_t> last();

 private:
  Statement add_;
  AuditChain chain_;
  Statement latest_;
  Statement latest_of_;
  Statement place_of_;
  Statement after_;
  Statement after_of_;
  Statement last_;
};

}  // namespace bastion::store
