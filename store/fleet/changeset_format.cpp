#include "store/fleet/changeset_format.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace bastion::store::fleet {
namespace {

constexpr std::uint8_t kTableBegins = 'T';
// SQLITE_DELETE, SQLITE_INSERT and SQLITE_UPDATE of sqlite3.h.
constexpr std::uint8_t kDelete = 9;
constexpr std::uint8_t kInsert = 18;
constexpr std::uint8_t kUpdate = 23;
// As SQLITE_INTEGER and the others of sqlite3.h; nothing where a value has not changed.
enum class ValueKind : std::uint8_t { nothing = 0, integer = 1, real = 2, text = 3, blob = 4, null = 5 };
constexpr std::size_t kNumber = 8;

class FormReader {
 public:
  explicit FormReader(Bytes bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  // A table, or a row of the one before; not at the end.
  bool next() { return rest_.front() == kTableBegins ? table() : row(); }

 private:
  bool table();
  bool row();
  // Which columns have to have a value.
  enum class Needs : std::uint8_t { all, keys, none };

  std::optional<std::uint8_t> byte();
  std::optional<std::size_t> size();
  bool pass(std::size_t count);
  bool record(Needs needs);
  std::optional<ValueKind> value();

  Bytes rest_;
  Bytes keys_;  // for each column of the table, whether it is of the key
};

std::optional<std::uint8_t> FormReader::byte() {
  if (rest_.empty()) return std::nullopt;
  const auto first = rest_.front();
  rest_ = rest_.subspan(1);
  return first;
}

// Seven bits a byte, the highest first; all but the last have the eighth bit.
std::optional<std::size_t> FormReader::size() {
  constexpr int kLongest = 5;
  constexpr std::uint8_t kMore = 0x80;
  std::uint64_t size = 0;
  for (int i = 0; i < kLongest; ++i) {
    const auto digit = byte();
    if (!digit) return std::nullopt;
    size = (size << 7U) | (*digit & 0x7FU);
    if ((*digit & kMore) != 0) continue;
    if (size > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
    return static_cast<std::size_t>(size);
  }
  return std::nullopt;
}

bool FormReader::pass(std::size_t count) {
  if (rest_.size() < count) return false;
  rest_ = rest_.subspan(count);
  return true;
}

// How many columns there are, for each whether it is of the key, and the name with a zero behind it.
bool FormReader::table() {
  rest_ = rest_.subspan(1);
  const auto columns = size();
  if (!columns || *columns == 0 || *columns > rest_.size()) return false;
  keys_ = rest_.first(*columns);
  rest_ = rest_.subspan(*columns);
  const auto end = std::ranges::find(rest_, 0);
  if (end == rest_.end() || end == rest_.begin()) return false;
  return pass(static_cast<std::size_t>(end - rest_.begin()) + 1);
}

// What became of it, whether a trigger did it, and its columns: as they were, as they are, or both.
bool FormReader::row() {
  const auto operation = byte();
  if (!operation || keys_.empty() || !pass(1)) return false;
  switch (*operation) {
    case kDelete:
    case kInsert: return record(Needs::all);
    case kUpdate: return record(Needs::keys) && record(Needs::none);
    default: return false;
  }
}

bool FormReader::record(Needs needs) {
  return std::ranges::all_of(keys_, [&](std::uint8_t is_key) {
    const auto found = value();
    if (!found) return false;
    const bool is_needed = needs == Needs::all || (needs == Needs::keys && is_key != 0);
    return !is_needed || *found != ValueKind::nothing;
  });
}

std::optional<ValueKind> FormReader::value() {
  const auto first = byte();
  if (!first) return std::nullopt;
  const auto kind = static_cast<ValueKind>(*first);
  std::optional<std::size_t> length;
  switch (kind) {
    case ValueKind::nothing:
    case ValueKind::null: length = 0; break;
    case ValueKind::integer:
    case ValueKind::real: length = kNumber; break;
    case ValueKind::text:
    case ValueKind::blob: length = size(); break;
  }
  return length && pass(*length) ? std::optional(kind) : std::nullopt;
}

}  // namespace

bool is_changeset(Bytes bytes) {
  if (bytes.size() > std::numeric_limits<std::int32_t>::max()) return false;
  FormReader reader(bytes);
  while (!reader.at_end()) {
    if (!reader.next()) return false;
  }
  return true;
}

}  // namespace bastion::store::fleet
