#include "store/sources.h"

namespace bastion::store {

Sources::Sources(Database& database)
    : all_(database, "SELECT id, name, source FROM backends WHERE source <> '' ORDER BY name"),
      of_backend_(database, "SELECT source FROM backends WHERE id = ?"),
      set_(database, "UPDATE backends SET source = ?2 WHERE id = ?1") {}

Result<std::vector<Sources::Set>> Sources::all() {
  return all_.all(
      [](const Row& row) { return Set{.backend = row.number(0), .name = row.text(1), .text = row.text(2)}; }, {});
}

Result<std::string> Sources::of_backend(std::int64_t backend) {
  auto found = of_backend_.first([](const Row& row) { return row.text(0); }, {backend});
  if (!found) return std::unexpected(found.error());
  return found->value_or(std::string{});
}

Result<> Sources::set(std::int64_t backend, std::string_view text) { return set_.run({backend, text}); }

}  // namespace bastion::store
