// For tables whose rows belong to a machine: a backend (address and port are NULL), or what containers are in, which
// are several where there are several accounts. Parts of statements; ?1 is a backend or NULL, ?2 a container or NULL.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace bastion::store {

// Whose row it is: a backend's, or that of the machine a container is in.
inline constexpr std::string_view kIsOfMachine =
    "((?1 IS NOT NULL AND backend = ?1 AND address IS NULL)"
    " OR (backend, address, port) IN (SELECT backend, address, port FROM containers WHERE id = ?2))";

// The same as the first columns of a new row, with the others `{}`; no row when the owner is gone.
inline std::string row_of_machine(std::string_view others) {
  return fmt::format(
      "SELECT * FROM (SELECT id, NULL, NULL, {0} FROM backends WHERE id = ?1"
      " UNION ALL SELECT backend, address, port, {0} FROM containers WHERE id = ?2)",
      others);
}

// Whose the rows of a table are, by the name of the machine: of several accounts in one, the first.
inline std::string machines_in(std::string_view table) {
  return fmt::format(
      "SELECT h.*, h.address IS NULL AS is_backend,"
      " CASE WHEN h.address IS NULL THEN 'backend ' || b.name ELSE 'container ' ||"
      " (SELECT min(u.name || '/' || c.name) FROM containers c JOIN users u ON u.id = c.owner"
      " WHERE c.backend = h.backend AND c.address = h.address AND c.port = h.port) END AS name"
      " FROM {} h JOIN backends b ON b.id = h.backend",
      table);
}

}  // namespace bastion::store
