#include "bastion/admin/manifest/merge.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "bastion/admin/manifest/administrators.h"
#include "bastion/admin/manifest/ca_entries.h"
#include "bastion/transport/keys.h"
#include "store/backends.h"
#include "store/cas.h"
#include "store/containers.h"
#include "store/groups.h"
#include "store/keys.h"
#include "store/revocations.h"
#include "store/shares.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

using store::HostKeyOwner;

class Merge {
 public:
  Merge(store::Database& database, const MergePlan& plan, std::int64_t now)
      : database_(database),
        plan_(plan),
        now_(now),
        users_(database),
        keys_(database),
        backends_(database),
        containers_(database),
        shares_(database),
        groups_(database),
        host_keys_(database),
        host_cas_(database),
        cas_(database),
        revocations_(database),
        bans_(database) {}

  Result<std::vector<Change>> run() {
    const auto& wanted = plan_.wanted;
    auto applied = apply(database_, wanted.document, Unnamed::stay, now_);
    if (!applied) return applied;
    changes_ = *std::move(applied);
    for (const auto& user : *wanted.document.users) {
      if (auto done = remove_other_keys(user); !done) return std::unexpected(done.error());
    }
    for (const auto& group : *wanted.document.groups) {
      if (auto done = remove_other_members(group); !done) return std::unexpected(done.error());
    }
    for (const auto& container : *wanted.document.containers) {
      if (auto done = remove_other_shares(container); !done) return std::unexpected(done.error());
    }
    if (auto done = bring_hosts(); !done) return std::unexpected(done.error());
    if (auto done = bring_host_cas(); !done) return std::unexpected(done.error());
    if (auto done = bring_cas(); !done) return std::unexpected(done.error());
    if (auto done = bring_revocations(); !done) return std::unexpected(done.error());
    if (auto done = bring_bans(); !done) return std::unexpected(done.error());
    return std::move(changes_);
  }

 private:
  bool replaces(std::string_view kind, std::string_view name) const {
    return plan_.replaced.contains(named(kind, name));
  }
  void record(Change::Kind kind, std::string what, std::string name, std::string detail = {}) {
    changes_.push_back({kind, std::move(what), std::move(name), std::move(detail)});
  }

  // What has another one's place is as that is: a document alone only adds.
  Result<> remove_other_keys(const UserEntry& entry) {
    if (!replaces("user", entry.name)) return {};
    const auto user = users_.get(entry.name);
    if (!user) return std::unexpected(user.error());
    const auto there = keys_.of_user(user->id);
    if (!there) return std::unexpected(there.error());
    for (const auto& key : *there) {
      const auto is_it = [&](const KeyEntry& one) { return one.key.key.blob == key.blob; };
      if (std::ranges::any_of(*entry.keys, is_it)) continue;
      if (auto removed = keys_.remove(user->id, key.fingerprint); !removed) return std::unexpected(removed.error());
      record(Change::Kind::remove, "key", fmt::format("{} {}", entry.name, key.fingerprint));
    }
    return {};
  }

  Result<> remove_other_members(const GroupEntry& entry) {
    if (!replaces("group", entry.name)) return {};
    const auto group = groups_.get(entry.name);
    if (!group) return std::unexpected(group.error());
    const auto there = groups_.members(group->id);
    if (!there) return std::unexpected(there.error());
    for (const auto& name : *there) {
      if (std::ranges::find(*entry.members, name) != entry.members->end()) continue;
      const auto user = users_.get(name);
      if (!user) return std::unexpected(user.error());
      if (auto left = groups_.leave(group->id, user->id); !left) return std::unexpected(left.error());
      record(Change::Kind::remove, "member", fmt::format("{} {}", entry.name, name));
    }
    return {};
  }

  Result<bool> remove_share(std::int64_t container, const ShareEntry& share) {
    if (share.is_with_group()) {
      const auto group = groups_.get(share.group);
      return group ? shares_.remove_group(container, group->id) : std::unexpected(group.error());
    }
    const auto user = users_.get(share.user);
    return user ? shares_.remove(container, user->id) : std::unexpected(user.error());
  }

  Result<> remove_other_shares(const ContainerEntry& entry) {
    if (!replaces("container", entry.full_name()) || !entry.shares) return {};
    const auto container = container_named(entry.full_name());
    if (!container) return std::unexpected(container.error());
    const auto there = shares_.of_container(*container);
    if (!there) return std::unexpected(there.error());
    for (const auto& share : *there) {
      const ShareEntry one{.user = share.user, .group = share.group};
      if (std::ranges::any_of(*entry.shares, [&](const ShareEntry& kept) { return kept.is_with_the_same(one); }))
        continue;
      if (auto removed = remove_share(*container, one); !removed) return std::unexpected(removed.error());
      record(Change::Kind::remove, "share", fmt::format("{} {}", entry.full_name(), one.who()));
    }
    return {};
  }

  Result<std::int64_t> container_named(const std::string& full_name) {
    const auto found = containers_.named(full_name.substr(full_name.find('/') + 1));
    if (!found) return std::unexpected(found.error());
    const auto it = std::ranges::find(*found, full_name, &store::Container::full_name);
    if (it == found->end()) return fail("there is no container {}", full_name);
    return it->id;
  }

  Result<> bring_hosts() {
    for (const auto& [name, known] : plan_.wanted.backends) {
      const auto backend = backends_.get(name);
      if (!backend) return std::unexpected(backend.error());
      auto done = bring(HostKeyOwner::of_backend(backend->id), known, replaces("backend", name));
      if (!done) return fail("backend {}: {}", name, done.error().text);
    }
    for (const auto& [name, known] : plan_.wanted.containers) {
      const auto container = container_named(name);
      if (!container) return std::unexpected(container.error());
      auto done = bring(HostKeyOwner::of_container(*container), known, replaces("container", name));
      if (!done) return fail("container {}: {}", name, done.error().text);
    }
    return {};
  }

  Result<> bring(const HostKeyOwner& owner, const KnownHost& known, bool replaces) {
    if (replaces && !known.keys.empty()) {
      if (auto forgotten = host_keys_.forget(owner); !forgotten) return std::unexpected(forgotten.error());
    }
    for (const auto& key : known.keys) {
      if (auto brought = host_keys_.bring(owner, key); !brought) return brought;
    }
    if (!known.alias.empty()) {
      if (auto set = host_cas_.set_alias(owner, known.alias); !set) return set;
    } else if (replaces) {
      if (auto removed = host_cas_.remove_alias(owner); !removed) return std::unexpected(removed.error());
    }
    if (known.certified) {
      if (auto noted = host_cas_.note(owner, *known.certified); !noted) return noted;
    }
    return known.refused ? host_keys_.refuse(owner, known.refused->blob, known.refused->seen_at) : Result<>{};
  }

  Result<> bring_host_cas() {
    for (const auto& ca : plan_.wanted.host_cas) {
      if (auto put = host_cas_.put(ca); !put) return put;
      record(Change::Kind::add, "host-ca", transport::fingerprint(ca.blob), "hosts " + ca.hosts);
    }
    return {};
  }

  Result<> bring_cas() {
    for (const auto& ca : plan_.wanted.cas) {
      if (auto put = cas_.put(ca); !put) return put;
      record(Change::Kind::add, "ca", ca.name, rules_of(ca));
    }
    return {};
  }

  Result<> bring_revocations() {
    for (const auto& one : plan_.wanted.revocations) {
      if (auto added = revocations_.add(one); !added) return std::unexpected(added.error());
      record(Change::Kind::add, "revocation", fmt::format("{} {}", store::text_of(one.kind), store::shown_value(one)));
    }
    return {};
  }

  Result<> bring_bans() {
    for (const auto& ban : plan_.wanted.bans) {
      if (auto put = bans_.put(ban); !put) return put;
      record(Change::Kind::add, "ban", ban.network);
    }
    return {};
  }

  store::Database& database_;
  const MergePlan& plan_;
  std::int64_t now_;
  store::Users users_;
  store::Keys keys_;
  store::Backends backends_;
  store::Containers containers_;
  store::Shares shares_;
  store::Groups groups_;
  store::HostKeys host_keys_;
  store::HostCas host_cas_;
  store::Cas cas_;
  store::Revocations revocations_;
  store::Bans bans_;
  std::vector<Change> changes_;
};

}  // namespace

Result<std::vector<Change>> merge(store::Database& database, const MergePlan& plan, std::int64_t now) {
  const auto before = administration(database, now);
  if (!before) return std::unexpected(before.error());
  auto merged = Merge(database, plan, now).run();
  if (!merged) return merged;
  if (auto kept = keep_administration(database, now, *before); !kept) return std::unexpected(kept.error());
  return merged;
}

}  // namespace bastion::admin
