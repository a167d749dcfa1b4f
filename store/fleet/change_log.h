// The changes of the directory of a fleet, in one order for all its bastions: a table in PostgreSQL, to which each
// change is appended at the number that follows the last one that its bastion has. Where two want the same number one
// of them gets it, and the other one is told.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::store::fleet {

class Connection;

// One change.
struct Entry {
  std::int64_t number = 0;  // from 1, without gaps
  std::string id;           // chosen by the bastion that made it; no other entry has it
  std::string node;         // that bastion
  int schema = 0;           // the last migration that it knew
  ByteVector changeset;     // sqlite3session_changeset()
};

// How far a copy has come: the last entry that is in it.
struct Position {
  std::int64_t number = 0;  // 0: none
  std::string id;
};

// A connection, made when it is first needed and again when it was lost. Belongs to one thread at a time. No call takes
// much longer than kPatience, whatever becomes of the server; errors name it and what it said.
class ChangeLog {
 public:
  static constexpr std::chrono::seconds kPatience{10};

  // `conninfo` as libpq has it (PostgreSQL manual, "Connection Strings").
  explicit ChangeLog(std::string conninfo);
  ~ChangeLog();
  ChangeLog(ChangeLog&& other) noexcept;
  ChangeLog& operator=(ChangeLog&& other) = delete;

  // As the connection's (connection.h).
  void hurry_when(const std::atomic<bool>& hurry);

  // Makes the tables of the fleet where there are none.
  [[nodiscard]] Result<> prepare();

  // What follows `position`, in order, as much as is good for one transaction; nothing when it is the end. The error
  // says so where the log is not the one in which `position` was, or no longer has what follows it.
  [[nodiscard]] Result<std::vector<Entry>> after(const Position& position);

  enum class Appended : std::uint8_t { yes, taken };
  // Appends it, or tells that another entry has its number. What has happened to it when an answer was lost is found
  // out before this returns; where that cannot be had in time, the error says that it is not known.
  [[nodiscard]] Result<Appended> append(const Entry& entry);

  // Returns when something was appended, or may have been; after `most`; or when `interrupted`, a descriptor, can be
  // read. The error says that nobody would tell.
  [[nodiscard]] Result<> wait_for_news(std::chrono::milliseconds most, int interrupted);

 private:
  std::unique_ptr<Connection> connection_;
};

}  // namespace bastion::store::fleet
