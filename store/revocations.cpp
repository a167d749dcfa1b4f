#include "store/revocations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "bastion/base/fingerprint.h"

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

// In the order of text these are in the order of numbers.
std::string padded(std::uint64_t serial) { return fmt::format("{:020}", serial); }

std::optional<std::uint64_t> serial_in(std::string_view text) {
  std::uint64_t serial = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), serial);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(serial) : std::nullopt;
}

std::int64_t anything(const Row& row) { return row.number(0); }

Result<bool> is_there(const Result<std::optional<std::int64_t>>& found) {
  if (!found) return std::unexpected(found.error());
  return found->has_value();
}

// SQLite takes nothing for NULL.
Bytes ca_of(const Revocation& revocation) {
  static constexpr std::uint8_t kNothing = 0;
  return revocation.ca.empty() ? Bytes(&kNothing, 0) : Bytes(revocation.ca);
}

}  // namespace

std::string_view text_of(Revocation::Kind kind) { return kKindsOfRevocation.at(static_cast<std::size_t>(kind)); }

std::string serials(std::uint64_t first, std::uint64_t last) {
  return first == last ? fmt::format("{}", first) : padded(first) + "-" + padded(last);
}

Result<std::string> parse_serials(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = serial_in(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : serial_in(text.substr(dash + 1));
  if (!first || !last) return fail("\"{}\" is no serial number, and no FIRST-LAST: ssh-keygen -L shows it", text);
  if (*first > *last) return fail("{}: the first serial number comes after the last", text);
  return serials(*first, *last);
}

std::string shown_value(const Revocation& revocation) {
  const auto& value = revocation.value;
  const auto dash = value.find('-');
  if (revocation.kind != Revocation::Kind::serial || dash == std::string::npos) return value;
  return fmt::format("{}-{}", serial_in(std::string_view(value).substr(0, dash)).value_or(0),
                     serial_in(std::string_view(value).substr(dash + 1)).value_or(0));
}

Revocations::Revocations(Database& database)
    : all_(database,
           "SELECT kind, ca, value, revocations.added_at, coalesce(cas.name, '') FROM revocations"
           " LEFT JOIN cas ON cas.blob = revocations.ca ORDER BY revocations.id"),
      add_(database, "INSERT INTO revocations (kind, ca, value, added_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"),
      lift_(database, "DELETE FROM revocations WHERE kind = ? AND ca = ? AND value = ?"),
      key_(database, "SELECT 1 FROM revocations WHERE kind = 'key' AND ca = x'' AND value IN (?, ?) LIMIT 1"),
      any_(database,
           "SELECT 1 FROM revocations WHERE (kind, ca, value) IN"
           " (VALUES ('serial', ?1, ?2), ('serial', x'', ?2), ('key_id', ?1, ?3), ('key_id', x'', ?3),"
           " ('key', x'', ?4), ('key', x'', ?5), ('key', x'', ?6), ('key', x'', ?7)) LIMIT 1"),
      // FIRST-LAST of 20 digits each: '~' comes behind the '-'.
      in_range_(database,
                "SELECT 1 FROM revocations WHERE kind = 'serial' AND ca IN (?1, x'') AND value <= ?2 || '~'"
                " AND length(value) = 41 AND substr(value, 22) >= ?2 LIMIT 1") {}

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

Result<bool> Revocations::is_revoked(Bytes key) {
  return is_there(key_.first(anything, {sha256_fingerprint(key), sha1_fingerprint(key)}));
}

Result<bool> Revocations::is_revoked(const Certificate& certificate) {
  const auto by_name =
      is_there(any_.first(anything, {certificate.ca, fmt::format("{}", certificate.serial), certificate.key_id,
                                     sha256_fingerprint(certificate.key), sha1_fingerprint(certificate.key),
                                     sha256_fingerprint(certificate.ca), sha1_fingerprint(certificate.ca)}));
  if (!by_name || *by_name) return by_name;
  return is_there(in_range_.first(anything, {certificate.ca, padded(certificate.serial)}));
}

}  // namespace bastion::store
