#include "store/fleet/only_gives.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace bastion::store::fleet {
namespace {

// A table that is not named here may have rows that forbid something, as `bans` and `backend_groups` have.
constexpr std::array<std::string_view, 8> kGiving{"users",  "user_keys",   "backends",      "containers",
                                                  "shares", "user_groups", "group_members", "group_shares"};

struct EndReading {
  void operator()(sqlite3_changeset_iter* iterator) const { sqlite3changeset_finalize(iterator); }
};

}  // namespace

bool only_gives(const ByteVector& changeset) {
  sqlite3_changeset_iter* raw = nullptr;
  const auto size = static_cast<int>(changeset.size());
  if (sqlite3changeset_start(&raw, size, const_cast<std::uint8_t*>(changeset.data())) != SQLITE_OK) return false;
  const std::unique_ptr<sqlite3_changeset_iter, EndReading> iterator(raw);
  int found = SQLITE_ROW;
  while ((found = sqlite3changeset_next(raw)) == SQLITE_ROW) {
    const char* table = nullptr;
    int columns = 0;
    int operation = 0;
    int indirect = 0;
    if (sqlite3changeset_op(raw, &table, &columns, &operation, &indirect) != SQLITE_OK) return false;
    if (operation != SQLITE_INSERT || std::ranges::find(kGiving, table) == kGiving.end()) return false;
  }
  return found == SQLITE_DONE;
}

}  // namespace bastion::store::fleet
