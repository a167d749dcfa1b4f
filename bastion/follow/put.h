// What a source has listed, put into the directory: within the thread of whoever may wait for the database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/follow/agreement.h"
#include "bastion/follow/arrivals.h"
#include "bastion/follow/listing.h"
#include "store/sources.h"

namespace bastion::store {
class Database;
}

namespace bastion::follow {

// What a source may speak of, by what the directory has. Nothing where that backend has no source (any more).
[[nodiscard]] Result<std::optional<Reach>> reach_of(store::Database& database, std::int64_t backend);

// Of the sources of all backends, the one that speaks of the containers on this one: its own, or that of a cluster it
// is a member of. Nothing where there is none.
[[nodiscard]] Result<std::optional<std::int64_t>> source_of(store::Sources& sources, std::int64_t backend,
                                                            std::string_view name);

// What is new since the last time. Each is a container's full name, and a part of a sentence about it.
struct Report {
  struct Line {
    std::string container;
    std::string what;
  };
  std::vector<Line> moved;
  std::vector<Line> gone;  // that were listed once, and are not any more
  std::vector<Line> back;
  std::vector<Line> drifts;          // the directory does not follow, for another reason than before
  std::vector<std::int64_t> places;  // the ids of those that moved
  std::size_t listed = 0;            // containers
  // Instances that may be what another source does not list any more: their host keys are to be asked for.
  std::vector<Instance> newcomers;
};

// Moves what has moved, as a change of the directory, and each with a row in the audit that `source BACKEND` has
// written; host keys go along, those that were learned too, because it is the same instance, and where it is not, its
// host key has to be another one. Then the state of each is remembered here (store/sightings.h). Of a backend that has
// no source (any more) nothing is put.
[[nodiscard]] Result<Report> put(store::Database& database, std::int64_t backend, const std::vector<Instance>& listed,
                                 std::int64_t now);
// What has become of those newcomers, once their backend has said whose host keys they have: what has come to it moves
// as above, to a backend that serves its owner; of the others it is remembered why they are not followed.
[[nodiscard]] Result<Report> put_arrivals(store::Database& database, std::int64_t backend,
                                          const std::vector<Proof>& proofs, std::int64_t now);
// That it could not be asked.
[[nodiscard]] Result<> put_failure(store::Database& database, std::int64_t backend, const std::string& why);

}  // namespace bastion::follow
