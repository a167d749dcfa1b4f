#include "store/statement.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <type_traits>
#include <utility>

#include "store/database.h"
#include "store/failure.h"

namespace bastion::store {
namespace {

// A statement that is not reset keeps a read transaction open, and its connection would look at the past for ever.
class ResetOnExit {
 public:
  explicit ResetOnExit(SQLite::Statement& statement) : statement_(statement) {}
  ~ResetOnExit() { statement_.tryReset(); }
  ResetOnExit(const ResetOnExit&) = delete;
  ResetOnExit& operator=(const ResetOnExit&) = delete;

 private:
  SQLite::Statement& statement_;
};

}  // namespace

std::int64_t Row::number(int column) const { return statement_.getColumn(column).getInt64(); }

std::optional<std::int64_t> Row::optional_number(int column) const {
  if (statement_.isColumnNull(column)) return std::nullopt;
  return number(column);
}

std::string Row::text(int column) const { return statement_.getColumn(column).getString(); }

ByteVector Row::bytes(int column) const {
  const auto value = statement_.getColumn(column);
  const auto* const begin = static_cast<const std::uint8_t*>(value.getBlob());
  return {begin, begin + value.getBytes()};
}

Statement::Statement(Database& database, std::string sql) : connection_(database.native()), sql_(std::move(sql)) {}
Statement::~Statement() = default;

SQLite::Statement& Statement::bound(std::initializer_list<Value> values) {
  if (!prepared_) prepared_ = std::make_unique<SQLite::Statement>(connection_, sql_);
  int index = 0;
  for (const auto& value : values) {
    ++index;
    std::visit(
        [&](const auto& known) {
          using Known = std::decay_t<decltype(known)>;
          if constexpr (std::is_same_v<Known, std::monostate>) {
            prepared_->bind(index);
          } else if constexpr (std::is_same_v<Known, std::string_view>) {
            prepared_->bind(index, std::string(known));
          } else if constexpr (std::is_same_v<Known, Bytes>) {
            prepared_->bind(index, known.data(), static_cast<int>(known.size()));
          } else {
            prepared_->bind(index, known);
          }
        },
        value.value_);
  }
  return *prepared_;
}

Result<> Statement::run(std::initializer_list<Value> values) {
  if (auto count = run_and_count(values); !count) return std::unexpected(std::move(count.error()));
  return {};
}

Result<int> Statement::run_and_count(std::initializer_list<Value> values) {
  try {
    auto& statement = bound(values);
    const ResetOnExit reset(statement);
    return statement.exec();
  } catch (const SQLite::Exception& exception) {
    return failed(exception);
  }
}

Result<> Statement::visit(std::initializer_list<Value> values, const std::function<void(const Row&)>& visitor) {
  try {
    auto& statement = bound(values);
    const ResetOnExit reset(statement);
    const Row row(statement);
    while (statement.executeStep()) visitor(row);
    return {};
  } catch (const SQLite::Exception& exception) {
    return failed(exception);
  }
}

}  // namespace bastion::store
