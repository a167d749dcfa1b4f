#include "bastion/admin/manifest/read_manifest.h"

#include <utility>

#include "bastion/admin/manifest/pinned_key.h"
#include "bastion/transport/keys.h"
#include "store/backends.h"
#include "store/cas.h"
#include "store/containers.h"
#include "store/groups.h"
#include "store/keys.h"
#include "store/links.h"
#include "store/revocations.h"
#include "store/second_factors.h"
#include "store/sftp_policies.h"
#include "store/shares.h"
#include "store/sources.h"
#include "store/users.h"
#include "store/wakes.h"

namespace bastion::admin {
namespace {

Given<Endpoint> address_in(const store::Container& container) {
  return container.is_by_command() ? std::nullopt : Given<Endpoint>({container.address, container.port});
}

Given<std::string> command_in(const store::Container& container) {
  return container.is_by_command() ? Given<std::string>(container.command) : std::nullopt;
}

Result<std::vector<CaEntry>> read_cas(store::Database& database) {
  const auto cas = store::Cas(database).all();
  if (!cas) return std::unexpected(cas.error());
  std::vector<CaEntry> entries;
  for (const auto& ca : *cas) {
    auto key = transport::public_key_from_blob(ca.blob);
    if (!key) return fail("CA {}: {}", ca.name, key.error().text);
    entries.push_back({.name = ca.name,
                       .key = {.key = *std::move(key), .comment = ca.comment},
                       .principals = ca.principals,
                       .roles = ca.roles});
  }
  return entries;
}

Result<std::vector<UserEntry>> read_users(store::Database& database) {
  const auto users = store::Users(database).all();
  if (!users) return std::unexpected(users.error());
  store::Keys all_keys(database);
  store::SecondFactors factors(database);
  store::SftpPolicies sftp_policies(database);
  store::RecordPolicies records(database);
  std::vector<UserEntry> entries;
  for (const auto& user : *users) {
    const auto keys = all_keys.of_user(user.id);
    if (!keys) return std::unexpected(keys.error());
    const auto codes = factors.of_user(user.id);
    if (!codes) return std::unexpected(codes.error());
    const auto sftp = sftp_policies.of_user(user.id);
    if (!sftp) return std::unexpected(sftp.error());
    const auto record = records.of_user(user.id);
    if (!record) return std::unexpected(record.error());
    auto& entry = entries.emplace_back(
        UserEntry{.name = user.name,
                  .role = user.role,
                  .is_disabled = user.disabled_at.has_value(),
                  .options = user.options,
                  .idle_timeout = user.idle_timeout,
                  .max_session = user.max_session,
                  .max_sessions = Given<std::optional<std::int64_t>>(std::in_place, user.caps.sessions),
                  .max_logins = Given<std::optional<std::int64_t>>(std::in_place, user.caps.logins),
                  .max_rekeys = Given<std::optional<std::int64_t>>(std::in_place, user.caps.rekeys),
                  .max_bytes = Given<std::optional<std::int64_t>>(std::in_place, user.caps.bytes),
                  .auth = user.auth,
                  .sftp = *sftp,
                  .record = Given<store::RecordPolicies::Said>(std::in_place, *record),
                  .has_codes = codes->has_value(),
                  .keys = std::vector<KeyEntry>{}});
    for (const auto& key : *keys) {
      auto parsed = transport::public_key_from_blob(key.blob);
      if (!parsed) return fail("key {} of user {}: {}", key.fingerprint, user.name, parsed.error().text);
      entry.keys->push_back({.key = {.key = *std::move(parsed), .comment = key.comment},
                             .options = key.options,
                             .expires_at = key.expires_at});
    }
  }
  return entries;
}

Result<Given<PublicKey>> link_key_of(store::Links& links, const store::Backend& backend) {
  if (!backend.dials_in) return std::nullopt;
  const auto blob = links.key_of(backend.id);
  if (!blob) return std::unexpected(blob.error());
  auto key = transport::public_key_from_blob(*blob);
  if (!key) return std::unexpected(std::move(key.error()));
  return *std::move(key);
}

Result<std::vector<GroupEntry>> read_groups(store::Database& database) {
  store::Groups all(database);
  const auto groups = all.all();
  if (!groups) return std::unexpected(groups.error());
  const auto members = all.all_members();
  if (!members) return std::unexpected(members.error());
  store::SftpPolicies sftp_policies(database);
  store::RecordPolicies records(database);
  std::vector<GroupEntry> entries;
  auto member = members->begin();  // in the same order
  for (const auto& [group, counts, shares, backends] : *groups) {
    const auto sftp = sftp_policies.of_group(group.id);
    if (!sftp) return std::unexpected(sftp.error());
    const auto record = records.of_group(group.id);
    if (!record) return std::unexpected(record.error());
    auto& entry = entries.emplace_back(GroupEntry{.name = group.name,
                                                  .sftp = *sftp,
                                                  .record = Given<store::RecordPolicies::Said>(std::in_place, *record),
                                                  .members = std::vector<std::string>{}});
    for (; member != members->end() && member->group == group.name; ++member) entry.members->push_back(member->other);
  }
  return entries;
}

Result<std::vector<BackendEntry>> read_backends(store::Database& database) {
  const auto backends = store::Backends(database).all();
  if (!backends) return std::unexpected(backends.error());
  store::HostKeys host_keys(database);
  store::Groups groups(database);
  store::Wakes wakes(database);
  store::Sources sources(database);
  store::Links links(database);
  std::vector<BackendEntry> entries;
  for (const auto& backend : *backends) {
    auto pinned = pinned_keys(host_keys, store::HostKeyOwner::of_backend(backend.id));
    if (!pinned) return std::unexpected(std::move(pinned.error()));
    auto hook = wakes.of_backend(backend.id);
    if (!hook) return std::unexpected(std::move(hook.error()));
    auto source = sources.of_backend(backend.id);
    if (!source) return std::unexpected(std::move(source.error()));
    auto link_key = link_key_of(links, backend);
    if (!link_key) return std::unexpected(std::move(link_key.error()));
    auto served = groups.of_backend(backend.id);
    if (!served) return std::unexpected(std::move(served.error()));
    entries.push_back({.name = backend.name,
                       .address = backend.dials_in ? Given<Endpoint>{} : Endpoint{backend.host, backend.port},
                       .link_key = *std::move(link_key),
                       .account = backend.account,
                       .via = backend.via ? std::optional(backend.via_name) : std::nullopt,
                       .route = backend.route,
                       .capacity = Given<std::optional<std::int64_t>>(std::in_place, backend.capacity),
                       .is_legacy = backend.is_legacy,
                       .presents = backend.presents,
                       .wake = *std::move(hook),
                       .source = *std::move(source),
                       .groups = *std::move(served),
                       .state = backend.state,
                       .host_keys = *std::move(pinned)});
  }
  return entries;
}

Result<std::vector<ContainerEntry>> read_containers(store::Database& database) {
  const auto containers = store::Containers(database).all();
  if (!containers) return std::unexpected(containers.error());
  const auto shares = store::Shares(database).all();
  if (!shares) return std::unexpected(shares.error());
  store::HostKeys host_keys(database);
  store::Wakes all_wakes(database);
  store::SftpPolicies sftp_policies(database);
  store::RecordPolicies records(database);
  std::vector<ContainerEntry> entries;
  auto share = shares->begin();  // in the same order
  for (const auto& container : *containers) {
    auto pinned = pinned_keys(host_keys, store::HostKeyOwner::of_container(container.id));
    if (!pinned) return std::unexpected(std::move(pinned.error()));
    const auto wakes = all_wakes.of_container(container.id);
    if (!wakes) return std::unexpected(wakes.error());
    const auto sftp = sftp_policies.of_container(container.id);
    if (!sftp) return std::unexpected(sftp.error());
    const auto record = records.of_container(container.id);
    if (!record) return std::unexpected(record.error());
    auto& entry =
        entries.emplace_back(ContainerEntry{.owner = container.owner_name,
                                            .name = container.name,
                                            .backend = container.backend_name,
                                            .address = address_in(container),
                                            .command = command_in(container),
                                            .account = container.account,
                                            .is_default = container.is_default,
                                            .is_legacy = container.is_legacy,
                                            .presents = container.presents,
                                            .wake = *wakes,
                                            .sftp = *sftp,
                                            .record = Given<store::RecordPolicies::Said>(std::in_place, *record),
                                            .host_keys = *std::move(pinned),
                                            .shares = std::vector<ShareEntry>{}});
    for (; share != shares->end() && share->container == container.full_name(); ++share) {
      entry.shares->push_back({.user = share->user, .group = share->group, .expires_at = share->expires_at});
    }
  }
  return entries;
}

}  // namespace

Result<Manifest> read_manifest(store::Database& database) {
  Manifest directory;
  auto cas = read_cas(database);
  if (!cas) return std::unexpected(std::move(cas.error()));
  directory.cas = *std::move(cas);
  auto revocations = store::Revocations(database).all();
  if (!revocations) return std::unexpected(std::move(revocations.error()));
  directory.revocations = *std::move(revocations);
  auto users = read_users(database);
  if (!users) return std::unexpected(std::move(users.error()));
  directory.users = *std::move(users);
  auto groups = read_groups(database);
  if (!groups) return std::unexpected(std::move(groups.error()));
  directory.groups = *std::move(groups);
  auto backends = read_backends(database);
  if (!backends) return std::unexpected(std::move(backends.error()));
  directory.backends = *std::move(backends);
  auto containers = read_containers(database);
  if (!containers) return std::unexpected(std::move(containers.error()));
  directory.containers = *std::move(containers);
  return directory;
}

}  // namespace bastion::admin
