// Puts what a backup holds in the place of what a database holds, while others read and write.
//
// Things are told apart by what people call them: a user, a backend or a container of the backup that is there under
// the same name keeps its id, a key of the same user too, and so the sessions that the backup allows go on. All others
// end, as after any change. History (audit, sessions) is never taken away: what the backup knows besides is added.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "bastion/base/result.h"
#include "store/database.h"

namespace bastion::store {

// How much there is in a database.
struct Inventory {
  std::int64_t users = 0;
  std::int64_t keys = 0;
  std::int64_t backends = 0;
  std::int64_t containers = 0;
  std::optional<std::int64_t> last_entry_at = std::nullopt;  // of the audit

  bool operator==(const Inventory&) const = default;
};

[[nodiscard]] Result<Inventory> take_inventory(Database& database);

class Restoration {
 public:
  // Looks for everything that could be wrong with a backup, on a copy that is made beside the database and brought up
  // to date there: `backup` is only read, and may be of an older version. The error says why it cannot be used.
  // `database` outlives it.
  [[nodiscard]] static Result<std::unique_ptr<Restoration>> prepare(Database& database,
                                                                    const std::filesystem::path& backup);
  ~Restoration();
  Restoration(const Restoration&) = delete;
  Restoration& operator=(const Restoration&) = delete;

  // What is in the backup.
  [[nodiscard]] const Inventory& inventory() const { return inventory_; }
  // Call inside Database::change, once.
  [[nodiscard]] Result<> run();

 private:
  Restoration(Database& database, std::filesystem::path copy);
  [[nodiscard]] Result<> look_at(const std::filesystem::path& backup);

  Database& database_;
  std::filesystem::path copy_;
  Inventory inventory_;
};

}  // namespace bastion::store
