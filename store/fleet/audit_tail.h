// What is added to the audits of the other bastions of a fleet, for who follows them. Each bastion carries its rows to
// the fleet's records in their order, with a cursor that moves in the same transaction (records.h): up to there
// nothing is missing, and nothing comes later. So who reads on from one cursor to the next has each row once, whatever
// clocks say and however late a bastion carries what it has.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "store/fleet/audit_places.h"
#include "store/fleet/records.h"

namespace bastion::store::fleet {

class Connection;

// Of one thread at a time. No call takes much longer than `patience`.
class AuditTail {
 public:
  // Of all but this bastion.
  AuditTail(std::string conninfo, std::string but_node, std::chrono::milliseconds patience);
  ~AuditTail();
  AuditTail(const AuditTail&) = delete;
  AuditTail& operator=(const AuditTail&) = delete;

  // Up to where each has carried its rows.
  [[nodiscard]] Result<AuditPlaces> ends();
  // What is there up to these places: the newest first.
  struct Wanted {
    std::optional<std::string> user;  // the actor
    std::int64_t since = 0;           // in Unix seconds
    int limit = 0;
  };
  [[nodiscard]] Result<std::vector<NodeEntry>> latest(const AuditPlaces& up_to, const Wanted& wanted);
  // What has come behind these places, which then are behind it: the oldest first, and so many of each bastion at
  // most. An error leaves the places as they are.
  [[nodiscard]] Result<std::vector<NodeEntry>> next(AuditPlaces& places, const std::optional<std::string>& user,
                                                    int limit);
  // Which database of a bastion has this row: the one that has written it last, if there are several.
  [[nodiscard]] Result<std::string> origin_of(const std::string& node, std::int64_t id);

 private:
  std::unique_ptr<Connection> connection_;
  std::string but_node_;
  std::chrono::milliseconds patience_;
};

}  // namespace bastion::store::fleet
