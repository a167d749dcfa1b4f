// A chain of hashes over the rows of the audit, so that a row that was changed, taken out or put in is found.
//
// Each row has a digest, SHA-256 of what stands in it; and a link, SHA-256 of the link before it and the digest. What
// retention takes away leaves both, until all that is older is gone too: then the newest of these links is where the
// chain begins. Whoever can write the file can make another chain: against that its head is kept elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/base/sha256.h"
#include "store/statement.h"

namespace bastion::store {

// The last link there is, or was when it was noted elsewhere. `1234:0a1b…`
struct ChainHead {
  std::int64_t id = 0;  // of the row; 0: there is none
  Sha256 link{};

  [[nodiscard]] static Result<ChainHead> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  bool operator==(const ChainHead&) const = default;
};

// In small hexadecimal digits.
[[nodiscard]] std::string digits_of(const Sha256& hash);

struct AuditEntry;
struct LinkedEntry;

class AuditChain {
 public:
  // So many rows that have no link yet get one at a time: those that an older program has written, or that a backup has
  // brought.
  static constexpr int kStep = 500;

  explicit AuditChain(Database& database);

  // Inside the transaction that has added rows. Whether there are more without a link.
  [[nodiscard]] Result<bool> extend();
  // The same for one row, which was added last, and those before it that have none.
  [[nodiscard]] Result<> extend_by(const AuditEntry& entry);
  // Inside a transaction, after rows were taken away: forgets what is older than all that is left, but for one link.
  [[nodiscard]] Result<> trim();

  // The rows behind one that have their links, the oldest first. None is between them that will get its link later.
  [[nodiscard]] Result<std::vector<LinkedEntry>> after(std::int64_t id, int limit);
  // Whether what stands behind a place can be told: the error says what is wrong with it. That of a row which
  // retention has taken away is right.
  [[nodiscard]] Result<> must_be_known(const ChainHead& place);

  struct Verdict {
    std::int64_t rows = 0;          // that are there, and as they were written
    std::int64_t taken_away = 0;    // of which only the links are left
    std::int64_t without_link = 0;  // at the end: they get theirs with what is added next
    ChainHead head = {};
    std::string broken = {};  // the first link that is; empty: none
  };
  // Reads all of it, inside a transaction. With `known`, the link of that row has to be that one.
  [[nodiscard]] Result<Verdict> verify(const std::optional<ChainHead>& known = std::nullopt);

 private:
  [[nodiscard]] Result<ChainHead> head();
  [[nodiscard]] Result<ChainHead> put(const ChainHead& before, const AuditEntry& entry);

  Database& database_;
  Statement head_;
  Statement put_;
  Statement unlinked_;
  Statement trim_;
  Statement after_;
  Statement link_of_;
};

}  // namespace bastion::store
