// A prepared statement: a named member of a table class, next to its SQL.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace bastion::store {

class Database;

// A value for one `?` of a statement. A view: what it shows must live until the call returns.
class Value {
 public:
  Value(std::nullopt_t) {}
  Value(std::int64_t number) : value_(number) {}
  Value(int number) : value_(std::int64_t{number}) {}
  Value(std::string_view text) : value_(text) {}
  Value(const std::string& text) : value_(std::string_view(text)) {}
  Value(Bytes bytes) : value_(bytes) {}
  Value(const std::optional<std::int64_t>& number) {
    if (number) value_ = *number;
  }

 private:
  friend class Statement;
  std::variant<std::monostate, std::int64_t, std::string_view, Bytes> value_;
};

// The row a statement stands on; valid inside the function that reads it.
class Row {
 public:
  [[nodiscard]] std::int64_t number(int column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_number(int column) const;
  [[nodiscard]] std::string text(int column) const;  // empty for NULL
  [[nodiscard]] ByteVector bytes(int column) const;

 private:
  friend class Statement;
  explicit Row(SQLite::Statement& statement) : statement_(statement) {}
  SQLite::Statement& statement_;
};

// Prepared at first use and kept. Between calls it holds no row and so no snapshot of the database.
class Statement {
 public:
  Statement(Database& database, std::string sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Runs it for what it changes.
  [[nodiscard]] Result<> run(std::initializer_list<Value> values);
  // The same; the result is the number of rows it changed.
  [[nodiscard]] Result<int> run_and_count(std::initializer_list<Value> values);

  // The first row, read by `read(const Row&)`, if there is one. For an INSERT or DELETE with RETURNING too.
  template <typename Read>
  [[nodiscard]] auto first(Read read, std::initializer_list<Value> values)
      -> Result<std::optional<std::invoke_result_t<Read, const Row&>>> {
    std::optional<std::invoke_result_t<Read, const Row&>> found;
    auto done = visit(values, [&](const Row& row) {
      if (!found) found.emplace(read(row));
    });
    if (!done) return std::unexpected(std::move(done.error()));
    return found;
  }

  // Every row.
  template <typename Read>
  [[nodiscard]] auto all(Read read, std::initializer_list<Value> values)
      -> Result<std::vector<std::invoke_result_t<Read, const Row&>>> {
    std::vector<std::invoke_result_t<Read, const Row&>> found;
    auto done = visit(values, [&](const Row& row) { found.push_back(read(row)); });
    if (!done) return std::unexpected(std::move(done.error()));
    return found;
  }

 private:
  [[nodiscard]] Result<> visit(std::initializer_list<Value> values, const std::function<void(const Row&)>& visitor);
  SQLite::Statement& bound(std::initializer_list<Value> values);

  SQLite::Database& connection_;
  std::string sql_;
  std::unique_ptr<SQLite::Statement> prepared_;
};

}  // namespace bastion::store
