// What has happened on all bastions of a fleet: their sessions and audits, in the fleet's database. Each bastion
// carries its own there from its SQLite, where it waits; a cursor that moves in the transaction that has the rows says
// up to where that is done, so that nothing is missing and nothing there twice, whatever answer was lost.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "store/audit.h"
#include "store/database.h"
#include "store/sessions.h"

namespace bastion::store::fleet {

class Connection;

struct NodeEntry {
  std::string node;
  AuditEntry entry;
  std::string origin = {};  // of that bastion's databases, where it was read from the fleet's records
};

struct NodeSession {
  std::string node;
  Session session;
};

// Of one thread at a time. No call takes much longer than `patience`.
class Records {
 public:
  // So many rows are carried in one transaction.
  static constexpr int kBatch = 200;

  Records(std::string conninfo, std::chrono::milliseconds patience);
  ~Records();
  Records(Records&& other) noexcept;
  Records& operator=(Records&& other) = delete;
  // Whatever it waits for is given up as soon as this descriptor can be read.
  void give_up_when(int descriptor);

  enum class Left : std::uint8_t { nothing, more };
  // Carries a batch of what is in the database of `node` and not there yet.
  [[nodiscard]] Result<Left> carry(Database& database, const std::string& node);
  // Takes away some of what this node has left there before a time, in Unix seconds.
  [[nodiscard]] Result<Left> forget(const std::string& node, std::int64_t before);

  // Which rows: the newest first, so many at most.
  struct Wanted {
    std::optional<std::string> user;      // of the audit: the actor
    std::optional<std::string> but_node;  // of all others only
    std::int64_t since = 0;
    // Of the audit: what comes after this row in that order; of those of one time, nodes go by their names and rows
    // of a node by their ids.
    std::optional<NodeEntry> before;
    int limit = 0;
  };
  [[nodiscard]] Result<std::vector<NodeEntry>> audit(const Wanted& wanted);
  // When a row of the audit was written, in Unix seconds.
  [[nodiscard]] Result<std::int64_t> time_of(const std::string& node, std::int64_t id);
  [[nodiscard]] Result<std::vector<NodeSession>> sessions(const Wanted& wanted);

 private:
  struct Cursor {
    std::int64_t audit = 0;
    std::int64_t sessions = 0;
  };
  [[nodiscard]] Result<Cursor> cursor(const std::string& node, const std::string& origin);
  [[nodiscard]] Result<Left> carry_audit(Database& database, const std::string& node, const std::string& origin,
                                         std::int64_t after);
  [[nodiscard]] Result<Left> carry_sessions(Database& database, const std::string& node, const std::string& origin,
                                            std::int64_t after);

  std::unique_ptr<Connection> connection_;
  std::chrono::milliseconds patience_;
};

}  // namespace bastion::store::fleet
