#include "store/fleet/take_over.h"

#include <utility>

#include "store/fleet/all_rows.h"

namespace bastion::store::fleet {
namespace {

constexpr auto* kForgetIds =
    "DELETE FROM key_uses; DELETE FROM accepted_identities; DELETE FROM listings;"
    " DELETE FROM sightings";

Result<int> count_parts(Database& copy) {
  AllRows rows(copy, shared_tables());
  for (int parts = 0;; ++parts) {
    const auto part = rows.next();
    if (!part) return std::unexpected(part.error());
    if (!*part) return parts;
  }
}

// Within a transaction of the copy.
Result<Snapshot> describe(Database& copy, const Position& position) {
  const auto version = copy.version();
  if (!version) return std::unexpected(version.error());
  auto sequences = sequences_of(copy);
  if (!sequences) return std::unexpected(sequences.error());
  const auto parts = count_parts(copy);
  if (!parts) return std::unexpected(parts.error());
  return Snapshot{.number = position.number,
                  .entry = position.id,
                  .schema = *version,
                  .name = {},
                  .parts = *parts,
                  .sequences = *std::move(sequences)};
}

}  // namespace

Result<> take_over(Database& database, Database& copy, const ChangeLocal& local) {
  return copy.view([&]() -> Result<> {
    const auto position = position_of(copy);
    if (!position) return std::unexpected(position.error());
    const auto snapshot = describe(copy, *position);
    if (!snapshot) return std::unexpected(snapshot.error());
    AllRows rows(copy, shared_tables());
    const auto next = [&](int /*number*/) -> Result<ByteVector> {
      auto part = rows.next();
      if (!part) return std::unexpected(std::move(part.error()));
      if (!*part) return fail("the copy of the fleet's directory has changed meanwhile");
      return **std::move(part);
    };
    const auto applied = apply(database, *snapshot, next, [&]() -> Result<> {
      if (auto set = set_position(database, *position); !set) return set;
      if (auto forgotten = database.run(kForgetIds); !forgotten) return forgotten;
      return local();
    });
    return applied ? Result<>{} : std::unexpected(applied.error().error);
  });
}

}  // namespace bastion::store::fleet
