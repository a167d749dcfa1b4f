#include "store/fleet/changed_rows.h"

#include <cstdint>
#include <memory>

#include "store/fleet/changeset_format.h"

namespace bastion::store::fleet {
namespace {

struct EndReading {
  void operator()(sqlite3_changeset_iter* iterator) const { sqlite3changeset_finalize(iterator); }
};

}  // namespace

Result<> for_each_row(const ByteVector& changeset, const std::function<Result<>(const ChangedRow& row)>& look) {
  constexpr auto* kDamaged = "it is damaged";
  if (!is_changeset(changeset)) return fail("{}", kDamaged);
  sqlite3_changeset_iter* raw = nullptr;
  const auto size = static_cast<int>(changeset.size());
  if (sqlite3changeset_start(&raw, size, const_cast<std::uint8_t*>(changeset.data())) != SQLITE_OK) {
    return fail("{}", kDamaged);
  }
  const std::unique_ptr<sqlite3_changeset_iter, EndReading> iterator(raw);
  int found = SQLITE_ROW;
  while ((found = sqlite3changeset_next(raw)) == SQLITE_ROW) {
    const char* table = nullptr;
    int indirect = 0;
    ChangedRow row{.table = {}, .where = raw};
    if (sqlite3changeset_op(raw, &table, &row.columns, &row.operation, &indirect) != SQLITE_OK) break;
    row.table = table;
    if (auto looked = look(row); !looked) return looked;
  }
  if (found != SQLITE_DONE) return fail("{}", kDamaged);
  return {};
}

}  // namespace bastion::store::fleet
