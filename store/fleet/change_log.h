// The changes of the directory of a fleet, in one order for all its bastions: a table in PostgreSQL, to which each
// change is appended at the number that follows the last one that its bastion has. Where two want the same number one
// of them gets it, and the other one is told. What is old is cut off (snapshots.h).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::store::fleet {

class Connection;
struct Snapshot;

// One change.
struct Entry {
  std::int64_t number = 0;  // from 1, without gaps
  std::string id;           // chosen by the bastion that made it; no other entry has it
  std::string node;         // that bastion
  int schema = 0;           // the last migration that it knew
  // sqlite3session_changeset(). Empty: what the log begins with is a snapshot, which has this number.
  ByteVector changeset;
};

// How far a copy has come: the last entry that is in it, and of which log.
struct Position {
  std::int64_t number = 0;  // 0: none
  std::string id;
  std::string log;
};

// A connection, made when it is first needed and again when it was lost. Belongs to one thread at a time. No call takes
// much longer than its patience, whatever becomes of the server; errors name it and what it said.
class ChangeLog {
 public:
  static constexpr std::chrono::milliseconds kPatience{10'000};

  // `conninfo` as libpq has it (PostgreSQL manual, "Connection Strings").
  explicit ChangeLog(std::string conninfo, std::chrono::milliseconds patience = kPatience);
  ~ChangeLog();
  ChangeLog(ChangeLog&& other) noexcept;
  ChangeLog& operator=(ChangeLog&& other) = delete;

  // The same log over a connection of its own, for another thread.
  [[nodiscard]] ChangeLog another() const;

  // As the connection's (connection.h).
  void hurry_when(const std::atomic<bool>& hurry);

  // Makes the tables of the fleet where there are none.
  [[nodiscard]] Result<> prepare();
  // What no other log has.
  [[nodiscard]] Result<std::string> identity();

  struct Following {
    enum class Kind : std::uint8_t {
      in_order,
      is_cut,      // a snapshot has what follows
      has_no_end,  // it has less than the position
      is_another   // the entry at the position is another one
    };
    Kind kind = Kind::in_order;
    std::vector<Entry> entries = {};  // as much as is good for one transaction
    bool is_all = true;               // nothing follows them
  };
  // What follows `position`.
  [[nodiscard]] Result<Following> after(const Position& position);

  enum class Appended : std::uint8_t { yes, taken };
  // Appends it behind the entry of this id, or tells that it is the last one no more. What has happened to it when an
  // answer was lost is found out before this returns; where that cannot be had in time, the error says that it is not
  // known (kNotKnown).
  [[nodiscard]] Result<Appended> append(const Entry& entry, const std::string& behind);
  // Begins the log with an entry that says that this snapshot, whose parts are there, has everything so far.
  [[nodiscard]] Result<Appended> begin_with(const Entry& entry, const Snapshot& snapshot);
  static constexpr auto* kNotKnown = "it is not known whether the change was made: if it was, the fleet's log has it";

  // Returns when something was appended, or may have been; after `most`; or when `interrupted`, a descriptor, can be
  // read. The error says that nobody would tell.
  [[nodiscard]] Result<> wait_for_news(std::chrono::milliseconds most, int interrupted);

  // For the snapshots, which are kept beside it.
  [[nodiscard]] Connection& connection() { return *connection_; }
  [[nodiscard]] std::chrono::milliseconds patience() const { return patience_; }

 private:
  [[nodiscard]] Result<Appended> insert(const char* sql, std::span<const std::string_view> values, const Entry& entry);

  std::unique_ptr<Connection> connection_;
  std::chrono::milliseconds patience_;
};

}  // namespace bastion::store::fleet
