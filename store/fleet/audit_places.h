// Up to where somebody has read the audits of other bastions, in the fleet's records.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>

namespace bastion::store::fleet {

// One that was made anew has another database, and the numbers of its rows begin anew.
struct AuditOf {
  std::string node;
  std::string origin;  // of the database

  auto operator<=>(const AuditOf&) const = default;
};

// The id of the last row; before the first one, where there is none.
using AuditPlaces = std::map<AuditOf, std::int64_t>;

}  // namespace bastion::store::fleet
