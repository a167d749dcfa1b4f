#include "store/fleet/only_gives.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "store/fleet/changed_rows.h"

namespace bastion::store::fleet {
namespace {

// A table that is not named here may have rows that forbid something, as `bans` and `backend_groups` have.
constexpr std::array<std::string_view, 9> kGiving{"users",         "user_keys",    "backends",
                                                  "containers",    "shares",       "user_groups",
                                                  "group_members", "group_shares", "sign_ons"};

Result<> gives(const ChangedRow& row) {
  if (row.operation == SQLITE_INSERT && std::ranges::find(kGiving, row.table) != kGiving.end()) return {};
  return fail("a row of {} may take something away", row.table);
}

}  // namespace

bool only_gives(const ByteVector& changeset) { return for_each_row(changeset, gives).has_value(); }

}  // namespace bastion::store::fleet
