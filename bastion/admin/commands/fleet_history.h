// What has happened at every bastion of a fleet: here from this one's database, and elsewhere from the fleet's records,
// where that can be had.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "store/audit.h"
#include "store/fleet/place.h"
#include "store/fleet/records.h"
#include "store/sessions.h"

namespace bastion::admin {

template <typename Row>
struct FleetHistory {
  std::vector<Row> rows;  // the newest first
  std::string missing;    // what is not among them, and why: a sentence, or empty
};

// What is said where the others' rows cannot be had.
[[nodiscard]] std::string only_here(const store::fleet::Place& fleet, const Error& why);

struct FleetAuditWanted {
  std::optional<std::string> user;
  std::int64_t since = 0;
  std::string before;  // ID of a row of this bastion, or NODE:ID; empty: from the newest one
  int limit = 0;
};
[[nodiscard]] Result<FleetHistory<store::fleet::NodeEntry>> audit_of_fleet(const store::fleet::Place& fleet,
                                                                           store::Audit& audit,
                                                                           const FleetAuditWanted& wanted);

// `here` are those of this bastion.
[[nodiscard]] FleetHistory<store::fleet::NodeSession> with_others(const store::fleet::Place& fleet,
                                                                  const std::vector<store::Session>& here,
                                                                  const std::optional<std::string>& user, int limit);

}  // namespace bastion::admin
