#include "store/sightings.h"

#include <fmt/format.h>

namespace bastion::store {
namespace {

std::string select_sightings(std::string_view which) {
  return fmt::format(
      "SELECT s.container, s.source, s.state,"
      " CASE WHEN s.state = 'gone' THEN s.seen_at ELSE max(s.seen_at, coalesce(l.listed_at, 0)) END, s.drift"
      " FROM sightings s JOIN backends b ON b.id = s.source AND b.source <> ''"
      " LEFT JOIN listings l ON l.backend = s.source {}",
      which);
}

Sighting read_sighting(const Row& row) {
  return {.container = row.number(0),
          .source = row.number(1),
          .state = row.text(2),
          .seen_at = row.number(3),
          .drift = row.text(4)};
}

}  // namespace

Sightings::Sightings(Database& database)
    : of_container_(database, select_sightings("WHERE s.container = ?")),
      of_source_(database, select_sightings("WHERE s.source = ? ORDER BY s.container")),
      gone_(database, select_sightings("WHERE s.state = 'gone' ORDER BY s.container")),
      listing_(database, "SELECT backend, listed_at, failure FROM listings WHERE backend = ?"),
      put_(database,
           "INSERT INTO sightings (container, source, state, seen_at, drift) VALUES (?, ?, ?, ?, ?) ON CONFLICT"
           " (container) DO UPDATE SET source = excluded.source, state = excluded.state, seen_at = excluded.seen_at,"
           " drift = excluded.drift"),
      forget_(database, "DELETE FROM sightings WHERE container = ?"),
      listed_(database,
              "INSERT INTO listings (backend, listed_at, failure) VALUES (?, ?, '') ON CONFLICT (backend) DO UPDATE"
              " SET listed_at = excluded.listed_at, failure = ''"),
      failed_(database,
              "INSERT INTO listings (backend, listed_at, failure) VALUES (?, NULL, ?) ON CONFLICT (backend) DO UPDATE"
              " SET failure = excluded.failure") {}

Result<std::optional<Sighting>> Sightings::of_container(std::int64_t container) {
  return of_container_.first(read_sighting, {container});
}

Result<std::vector<Sighting>> Sightings::of_source(std::int64_t backend) {
  return of_source_.all(read_sighting, {backend});
}

Result<std::vector<Sighting>> Sightings::gone() { return gone_.all(read_sighting, {}); }

Result<std::optional<Listing>> Sightings::listing(std::int64_t backend) {
  return listing_.first(
      [](const Row& row) {
        return Listing{.backend = row.number(0), .listed_at = row.optional_number(1), .failure = row.text(2)};
      },
      {backend});
}

Result<> Sightings::put(const Sighting& sighting) {
  return put_.run({sighting.container, sighting.source, sighting.state, sighting.seen_at, sighting.drift});
}

Result<> Sightings::forget(std::int64_t container) { return forget_.run({container}); }

Result<> Sightings::listed(std::int64_t backend, std::int64_t at) { return listed_.run({backend, at}); }

Result<> Sightings::failed(std::int64_t backend, std::string_view why) { return failed_.run({backend, why}); }

}  // namespace bastion::store
