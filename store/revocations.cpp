#include "store/revocations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bastion::store {
namespace {

// In the order of Revocation::Kind.
constexpr std::array<std::string_view, 3> kKindsOfRevocation{"key", "serial", "key_id"};

Revocation read_revocation(const Row& row) {
  const auto* const kind = std::ranges::find(kKindsOfRevocation, std::string_view(row.text(0)));
  return {.kind = kind == kKindsOfRevocation.end() ? Revocation::Kind::key
                                                   : static_cast<Revocation::Kind>(kind - kKindsOfRevocation.begin()),
          .ca = row.bytes(1),
          .value = row.text(2),
          .added_at = row.number(3),
          .ca_name = row.text(4)};
}

// SQLite takes nothing for NULL.
Bytes ca_of(const Revocation& revocation) {
  static constexpr std::uint8_t kNothing = 0;
  return revocation.ca.empty() ? Bytes(&kNothing, 0) : Bytes(revocation.ca);
}

}  // namespace

std::string_view text_of(Revocation::Kind kind) { return kKindsOfRevocation.at(static_cast<std::size_t>(kind)); }

Revocations::Revocations(Database& database)
    : all_(database,
           "SELECT kind, ca, value, revocations.added_at, coalesce(cas.name, '') FROM revocations"
           " LEFT JOIN cas ON cas.blob = revocations.ca ORDER BY revocations.id"),
      add_(database, "INSERT INTO revocations (kind, ca, value, added_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"),
      lift_(database, "DELETE FROM revocations WHERE kind = ? AND ca = ? AND value = ?"),
      key_(database, "SELECT 1 FROM revocations WHERE kind = 'key' AND ca = x'' AND value = ?"),
      any_(database,
           "SELECT 1 FROM revocations WHERE (kind, ca, value) IN"
           " (VALUES ('serial', ?1, ?2), ('key_id', ?1, ?3), ('key', x'', ?4), ('key', x'', ?5)) LIMIT 1") {}

Result<std::vector<Revocation>> Revocations::all() { return all_.all(read_revocation, {}); }

Result<bool> Revocations::add(const Revocation& revocation) {
  const auto added =
      add_.run_and_count({text_of(revocation.kind), ca_of(revocation), revocation.value, revocation.added_at});
  if (!added) return std::unexpected(added.error());
  return *added > 0;
}

Result<bool> Revocations::lift(const Revocation& revocation) {
  const auto lifted = lift_.run_and_count({text_of(revocation.kind), ca_of(revocation), revocation.value});
  if (!lifted) return std::unexpected(lifted.error());
  return *lifted > 0;
}

Result<bool> Revocations::is_revoked(std::string_view fingerprint) {
  const auto found = key_.first([](const Row& row) { return row.number(0); }, {fingerprint});
  if (!found) return std::unexpected(found.error());
  return found->has_value();
}

Result<bool> Revocations::is_revoked(Bytes ca, std::uint64_t serial, std::string_view key_id,
                                     std::string_view fingerprint, std::string_view ca_fingerprint) {
  const auto found = any_.first([](const Row& row) { return row.number(0); },
                                {ca, fmt::format("{}", serial), key_id, fingerprint, ca_fingerprint});
  if (!found) return std::unexpected(found.error());
  return found->has_value();
}

}  // namespace bastion::store
