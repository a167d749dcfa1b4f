#include "store/fleet/all_rows.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <bit>
#include <string_view>
#include <utility>

#include "store/statement.h"

namespace bastion::store::fleet {
namespace {

constexpr std::uint8_t kTable = 'T';
constexpr std::uint8_t kDirect = 0;  // no trigger's work

// Seven bits a byte, the highest first; all but the last have the eighth bit.
void put_size(ByteVector& out, std::uint32_t size) {
  constexpr auto kBits = 7U;
  constexpr std::uint8_t kMore = 0x80;
  std::array<std::uint8_t, 5> digits{};
  auto first = digits.size();
  do {
    const auto more = first < digits.size() ? kMore : std::uint8_t{0};
    digits.at(--first) = static_cast<std::uint8_t>((size & 0x7FU) | more);
    size >>= kBits;
  } while (size != 0);
  out.insert(out.end(), digits.begin() + static_cast<std::ptrdiff_t>(first), digits.end());
}

void put_number(ByteVector& out, std::uint64_t bits) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(bits >> shift));
}

void put_value(ByteVector& out, sqlite3_stmt* row, int column) {
  const int type = sqlite3_column_type(row, column);
  out.push_back(static_cast<std::uint8_t>(type));
  if (type == SQLITE_INTEGER) put_number(out, std::bit_cast<std::uint64_t>(sqlite3_column_int64(row, column)));
  if (type == SQLITE_FLOAT) put_number(out, std::bit_cast<std::uint64_t>(sqlite3_column_double(row, column)));
  if (type != SQLITE_TEXT && type != SQLITE_BLOB) return;
  const auto* const bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(row, column));
  const int size = sqlite3_column_bytes(row, column);
  put_size(out, static_cast<std::uint32_t>(size));
  if (size > 0) out.insert(out.end(), bytes, bytes + size);
}

}  // namespace

void AllRows::Finish::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
AllRows::~AllRows() = default;

Result<> AllRows::begin_table() {
  const auto* const table = tables_.front();
  const auto keys =
      Statement(database_, "SELECT pk FROM pragma_table_info(?, 'main') ORDER BY cid")
          .all([](const Row& row) { return static_cast<std::uint8_t>(row.number(0)); }, {std::string_view(table)});
  if (!keys) return std::unexpected(keys.error());
  sqlite3_stmt* rows = nullptr;
  auto* const connection = database_.native().getHandle();
  const auto sql = fmt::format("SELECT * FROM main.{}", table);
  if (sqlite3_prepare_v2(connection, sql.c_str(), -1, &rows, nullptr) != SQLITE_OK) {
    return fail("the directory cannot be read: {}", sqlite3_errmsg(connection));
  }
  rows_.reset(rows);
  head_.assign(1, kTable);
  put_size(head_, static_cast<std::uint32_t>(keys->size()));
  head_.insert(head_.end(), keys->begin(), keys->end());
  const std::string_view name(table);
  head_.insert(head_.end(), name.begin(), name.end());
  head_.push_back(0);
  return {};
}

void AllRows::put_row() {
  bytes_.push_back(SQLITE_INSERT);
  bytes_.push_back(kDirect);
  for (int column = 0; column < sqlite3_column_count(rows_.get()); ++column) put_value(bytes_, rows_.get(), column);
}

Result<std::optional<ByteVector>> AllRows::next() {
  bytes_.clear();
  bool has_head = false;
  while (!tables_.empty() && bytes_.size() < part_) {
    if (!rows_) {
      if (auto begun = begin_table(); !begun) return std::unexpected(begun.error());
      has_head = false;
    }
    const int found = sqlite3_step(rows_.get());
    if (found == SQLITE_ROW) {
      if (!std::exchange(has_head, true)) bytes_.insert(bytes_.end(), head_.begin(), head_.end());
      put_row();
      continue;
    }
    if (found != SQLITE_DONE) {
      return fail("the directory cannot be read: {}", sqlite3_errmsg(database_.native().getHandle()));
    }
    rows_.reset();
    tables_ = tables_.subspan(1);
  }
  if (bytes_.empty()) return std::nullopt;
  return std::move(bytes_);
}

}  // namespace bastion::store::fleet
