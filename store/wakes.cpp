#include "store/wakes.h"

namespace bastion::store {

Wakes::Wakes(Database& database)
    : of_container_(database, "SELECT wake FROM containers WHERE id = ?"),
      of_backend_(database, "SELECT wake FROM backends WHERE id = ?"),
      set_container_(database, "UPDATE containers SET wake = ?2 WHERE id = ?1"),
      set_backend_(database, "UPDATE backends SET wake = ?2 WHERE id = ?1") {}

Result<bool> Wakes::of_container(std::int64_t container) {
  const auto found = of_container_.first([](const Row& row) { return row.number(0) != 0; }, {container});
  if (!found) return std::unexpected(found.error());
  return found->value_or(false);
}

Result<std::string> Wakes::of_backend(std::int64_t backend) {
  auto found = of_backend_.first([](const Row& row) { return row.text(0); }, {backend});
  if (!found) return std::unexpected(found.error());
  return found->value_or(std::string{});
}

Result<> Wakes::set_container(std::int64_t container, bool wakes) {
  return set_container_.run({container, wakes ? 1 : 0});
}

Result<> Wakes::set_backend(std::int64_t backend, std::string_view hook) { return set_backend_.run({backend, hook}); }

}  // namespace bastion::store
