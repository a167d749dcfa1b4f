// The rows of tables as changesets of insertions, in parts: what sqlite3session_changeset() would give if every row had
// been added just now, without having all of it in memory. The form is that of SQLite's sqlite3session.c, "RECORD
// FORMAT" and "CHANGESET FORMAT".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "store/database.h"

struct sqlite3_stmt;

namespace bastion::store::fleet {

// Within one transaction of the database, and of its thread.
class AllRows {
 public:
  // A part is larger than this by less than a row.
  static constexpr std::size_t kPart = std::size_t{1024} * 1024;

  AllRows(Database& database, std::span<const char* const> tables, std::size_t part = kPart)
      : database_(database), tables_(tables), part_(part) {}
  ~AllRows();
  AllRows(const AllRows&) = delete;
  AllRows& operator=(const AllRows&) = delete;

  // Nothing: there is no more. After an error nothing may be asked.
  [[nodiscard]] Result<std::optional<ByteVector>> next();

 private:
  struct Finish {
    void operator()(sqlite3_stmt* statement) const;
  };

  [[nodiscard]] Result<> begin_table();
  void put_row();

  Database& database_;
  std::span<const char* const> tables_;  // the first one is at hand, or comes next
  std::size_t part_;
  std::unique_ptr<sqlite3_stmt, Finish> rows_;
  ByteVector head_;  // what a changeset says of the table
  ByteVector bytes_;
};

}  // namespace bastion::store::fleet
