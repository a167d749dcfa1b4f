#include "store/host_cas.h"

#include <fmt/format.h>

#include "bastion/base/wildcards.h"
#include "store/machines.h"

namespace bastion::store {
namespace {

HostCa read_ca(const Row& row) {
  return {.blob = row.bytes(0), .hosts = row.text(1), .comment = row.text(2), .added_at = row.number(3)};
}

HostCas::Certified read_certified(const Row& row) {
  return {.machine = row.text(0),
          .key = row.bytes(1),
          .ca = row.bytes(2),
          .key_id = row.text(3),
          .valid_before = row.optional_number(4),
          .seen_at = row.number(5)};
}

Result<std::string> text_in(const Result<std::optional<std::string>>& found) {
  if (!found) return std::unexpected(found.error());
  return found->value_or("");
}

std::string read_text(const Row& row) { return row.text(0); }

}  // namespace

bool is_trusted_for(const HostCa& ca, std::string_view name) {
  return !name.empty() && matches_pattern_list(ca.hosts, name);
}

HostCas::HostCas(Database& database)
    : all_(database, "SELECT blob, hosts, comment, added_at FROM host_cas ORDER BY id"),
      put_(database,
           "INSERT INTO host_cas (blob, hosts, comment, added_at) VALUES (?1, ?2, ?3, ?4)"
           " ON CONFLICT (blob) DO UPDATE SET hosts = excluded.hosts, comment = excluded.comment"),
      remove_(database, "DELETE FROM host_cas WHERE blob = ?1"),
      // An address says which machine it is only where the bastion itself connects to it.
      name_of_(database,
               "SELECT coalesce(a.name, CASE WHEN b.via IS NULL AND b.host <> '' THEN b.host END) FROM backends b"
               " LEFT JOIN host_key_aliases a ON a.backend = b.id AND a.address IS NULL WHERE b.id = ?1"
               " UNION ALL"
               " SELECT coalesce(a.name, CASE WHEN b.via IS NULL AND b.route = 'direct' THEN c.address END)"
               " FROM containers c JOIN backends b ON b.id = c.backend LEFT JOIN host_key_aliases a"
               " ON a.backend = c.backend AND a.address = c.address AND a.port = c.port WHERE c.id = ?2"),
      alias_of_(database, fmt::format("SELECT name FROM host_key_aliases WHERE {}", kIsOfMachine)),
      remove_alias_(database, fmt::format("DELETE FROM host_key_aliases WHERE {}", kIsOfMachine)),
      set_alias_(database,
                 fmt::format("INSERT INTO host_key_aliases (backend, address, port, name) {}", row_of_machine("?3"))),
      // Written for each login, and changed once an hour at most.
      note_(database,
            fmt::format("INSERT INTO certified_hosts (backend, address, port, blob, ca, key_id, valid_before, seen_at)"
                        " {} WHERE true ON CONFLICT DO UPDATE SET blob = excluded.blob, ca = excluded.ca,"
                        " key_id = excluded.key_id, valid_before = excluded.valid_before, seen_at = excluded.seen_at"
                        " WHERE blob <> excluded.blob OR ca <> excluded.ca OR key_id <> excluded.key_id"
                        " OR valid_before IS NOT excluded.valid_before OR seen_at < excluded.seen_at - 3600",
                        row_of_machine("?3, ?4, ?5, ?6, ?7"))),
      no_longer_refused_(database, fmt::format("DELETE FROM refused_host_keys WHERE {} AND blob = ?3", kIsOfMachine)),
      certified_(database, fmt::format("SELECT '', blob, ca, key_id, valid_before, seen_at FROM certified_hosts"
                                       " WHERE {}",
                                       kIsOfMachine)),
      all_certified_(database,
                     fmt::format("SELECT name, blob, ca, key_id, valid_before, seen_at FROM ({}) ORDER BY name",
                                 machines_in("certified_hosts"))) {}

Result<std::vector<HostCa>> HostCas::all() { return all_.all(read_ca, {}); }

Result<> HostCas::put(const HostCa& ca) { return put_.run({Bytes(ca.blob), ca.hosts, ca.comment, ca.added_at}); }

Result<bool> HostCas::remove(Bytes blob) {
  const auto removed = remove_.run_and_count({blob});
  if (!removed) return std::unexpected(removed.error());
  return *removed > 0;
}

Result<HostTrust> HostCas::trust_of(const HostKeyOwner& owner) {
  auto known = all();
  if (!known) return std::unexpected(std::move(known.error()));
  if (known->empty()) return HostTrust{};
  auto name = text_in(name_of_.first(read_text, {owner.backend(), owner.container()}));
  if (!name) return std::unexpected(std::move(name.error()));
  HostTrust trust{.name = *std::move(name), .cas = {}};
  for (auto& ca : *known) {
    if (is_trusted_for(ca, trust.name)) trust.cas.push_back(std::move(ca.blob));
  }
  return trust;
}

Result<std::string> HostCas::alias_of(const HostKeyOwner& owner) {
  return text_in(alias_of_.first(read_text, {owner.backend(), owner.container()}));
}

Result<> HostCas::set_alias(const HostKeyOwner& owner, std::string_view name) {
  if (auto removed = remove_alias(owner); !removed) return std::unexpected(std::move(removed.error()));
  return set_alias_.run({owner.backend(), owner.container(), name});
}

Result<bool> HostCas::remove_alias(const HostKeyOwner& owner) {
  const auto removed = remove_alias_.run_and_count({owner.backend(), owner.container()});
  if (!removed) return std::unexpected(removed.error());
  return *removed > 0;
}

Result<> HostCas::note(const HostKeyOwner& owner, const Certified& certified) {
  const auto done = no_longer_refused_.run({owner.backend(), owner.container(), Bytes(certified.key)});
  if (!done) return std::unexpected(done.error());
  return note_.run({owner.backend(), owner.container(), Bytes(certified.key), Bytes(certified.ca), certified.key_id,
                    certified.valid_before, certified.seen_at});
}

Result<std::optional<HostCas::Certified>> HostCas::certified(const HostKeyOwner& owner) {
  return certified_.first(read_certified, {owner.backend(), owner.container()});
}

Result<std::vector<HostCas::Certified>> HostCas::all_certified() { return all_certified_.all(read_certified, {}); }

}  // namespace bastion::store
