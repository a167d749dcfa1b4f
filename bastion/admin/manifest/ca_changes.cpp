#include "bastion/admin/manifest/ca_changes.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/access/ca_roles.h"
#include "bastion/access/principals.h"
#include "bastion/admin/manifest/ca_entries.h"
#include "bastion/admin/manifest/differences.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {

Result<> CaChanges::remove_unnamed(const Manifest& document) {
  auto all = cas_.all();
  if (!all) return std::unexpected(std::move(all.error()));
  std::map<std::string, store::Ca> known;
  for (auto& ca : *all) known.emplace(ca.name, std::move(ca));
  for (const auto& name : changes_.to_go(known, document.cas, &CaEntry::name)) {
    if (auto removed = cas_.remove(name); !removed) return std::unexpected(removed.error());
    changes_.record(Change::Kind::remove, "ca", name);
  }
  return {};
}

Result<> CaChanges::put(const Manifest& document) {
  if (document.cas) {
    for (const auto& entry : *document.cas) {
      if (auto put = put_ca(entry); !put) return fail("CA {}: {}", entry.name, put.error().text);
    }
  }
  return document.revocations ? put_revocations(*document.revocations) : Result<>{};
}

// The key is what makes it that CA: another one under its name is for people to decide.
Result<> CaChanges::put_ca(const CaEntry& entry) {
  auto known = cas_.find(entry.name);
  if (!known) return std::unexpected(std::move(known.error()));
  if (!*known) {
    const store::Ca ca{.name = entry.name,
                       .blob = entry.key.key.blob,
                       .principals = entry.principals.value_or(std::string(access::kByName)),
                       .roles = entry.roles.value_or(std::string()),
                       .comment = entry.key.comment,
                       .added_at = changes_.now()};
    if (auto added = cas_.add(ca); !added) return added;
    changes_.record(Change::Kind::add, "ca", ca.name, rules_of(ca));
    return {};
  }
  auto& ca = **known;
  if (ca.blob != entry.key.key.blob) {
    return fail("it has another key here, {}: remove it first", transport::fingerprint(ca.blob));
  }
  Differences differences;
  const auto comment = entry.key.comment.empty() ? std::nullopt : std::optional(entry.key.comment);
  differences.set("principals", ca.principals, entry.principals, plain);
  differences.set("roles", ca.roles, entry.roles, access::shown_roles);
  differences.set("comment", ca.comment, comment, plain);
  if (differences.empty()) return {};
  changes_.record(Change::Kind::change, "ca", ca.name, differences.text());
  return cas_.put(ca);
}

Result<> CaChanges::put_revocations(const std::vector<store::Revocation>& revocations) {
  for (auto revocation : revocations) {
    revocation.added_at = changes_.now();
    const auto added = revocations_.add(revocation);
    if (!added) return std::unexpected(added.error());
    if (!*added) continue;
    const auto name = fmt::format("{} {}", store::text_of(revocation.kind), store::shown_value(revocation));
    changes_.record(Change::Kind::add, "revocation", name);
  }
  return {};
}

}  // namespace bastion::admin
