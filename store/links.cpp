#include "store/links.h"

#include <utility>

namespace bastion::store {
namespace {

std::int64_t number(const Row& row) { return row.number(0); }

Link read_link(const Row& row) {
  return {.id = row.text(0),
          .backend = row.number(1),
          .server = row.text(2),
          .from_host = row.text(3),
          .began_at = row.number(4),
          .ended_at = row.optional_number(5)};
}

}  // namespace

Links::Links(Database& database)
    : key_of_(database, "SELECT link_key FROM backends WHERE id = ?"),
      set_key_(database, "UPDATE backends SET link_key = coalesce(?2, x'') WHERE id = ?1"),
      with_key_(database, "SELECT id FROM backends WHERE name = ?1 AND link_key = ?2 AND link_key <> x''"),
      has_(database, "SELECT 1 FROM backends WHERE name = ? AND link_key <> x''"),
      of_(database,
          "SELECT id, backend, server, from_host, began_at, ended_at FROM links WHERE backend = ?"
          " ORDER BY ended_at IS NOT NULL, began_at DESC, id"),
      last_(database, "SELECT max(coalesce(ended_at, began_at)) FROM links WHERE backend = ?"),
      forget_(database, "DELETE FROM links WHERE backend = ? AND ended_at IS NOT NULL"),
      begin_(database,
             "INSERT OR REPLACE INTO links (id, backend, server, from_host, began_at, ended_at)"
             " VALUES (?, ?, ?, ?, ?, NULL)"),
      end_(database, "UPDATE links SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL"),
      end_all_(database, "UPDATE links SET ended_at = ?2 WHERE server = ?1 AND ended_at IS NULL") {}

Result<ByteVector> Links::key_of(std::int64_t backend) {
  auto found = key_of_.first([](const Row& row) { return row.bytes(0); }, {backend});
  if (!found) return std::unexpected(std::move(found.error()));
  return std::move(*found).value_or(ByteVector{});
}

Result<> Links::set_key(std::int64_t backend, Bytes key) { return set_key_.run({backend, key}); }

Result<std::optional<std::int64_t>> Links::with_key(std::string_view name, Bytes key) {
  return with_key_.first(number, {name, key});
}

Result<bool> Links::has(std::string_view name) {
  const auto found = has_.first(number, {name});
  if (!found) return std::unexpected(found.error());
  return found->has_value();
}

Result<std::vector<Link>> Links::of(std::int64_t backend) { return of_.all(read_link, {backend}); }

Result<std::optional<std::int64_t>> Links::last(std::int64_t backend) {
  auto found = last_.first([](const Row& row) { return row.optional_number(0); }, {backend});
  if (!found) return std::unexpected(std::move(found.error()));
  return found->value_or(std::nullopt);
}

Result<> Links::begin(const Link& link) {
  if (auto forgotten = forget_.run({link.backend}); !forgotten) return forgotten;
  return begin_.run({link.id, link.backend, link.server, link.from_host, link.began_at});
}

Result<> Links::end(std::string_view id, std::int64_t now) { return end_.run({id, now}); }

Result<> Links::end_all(std::string_view server, std::int64_t now) { return end_all_.run({server, now}); }

}  // namespace bastion::store
