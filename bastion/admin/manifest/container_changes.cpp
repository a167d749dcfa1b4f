#include "bastion/admin/manifest/container_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/differences.h"
#include "bastion/admin/manifest/pinned_key.h"

namespace bastion::admin {

using store::Container;
using store::HostKeyOwner;

namespace {

// Sets how it is reached, where the entry says that.
void set_place(Container& container, const ContainerEntry& entry) {
  if (entry.command) {
    container.command = *entry.command;
    container.address.clear();
    container.port = kSshPort;
  } else if (entry.address) {
    container.command.clear();
    container.address = entry.address->host;
    container.port = entry.address->port;
  }
}

void change_place(Container& container, const ContainerEntry& entry, Differences& differences) {
  const auto before = container;
  set_place(container, entry);
  if (before.place() == container.place() && before.is_by_command() == container.is_by_command()) return;
  const bool is_other_kind = before.is_by_command() != container.is_by_command();
  differences.note(is_other_kind               ? "place"
                   : container.is_by_command() ? "command"
                                               : "address",
                   before.place(), container.place());
}

}  // namespace

Result<> ContainerChanges::load() {
  auto all = containers_.all();
  if (!all) return std::unexpected(std::move(all.error()));
  for (auto& one : *all) known_.emplace(one.full_name(), std::move(one));
  return {};
}

Result<> ContainerChanges::remove_unnamed(const Manifest& document) {
  for (const auto& name : changes_.to_go(known_, document.containers, &ContainerEntry::full_name)) {
    if (auto removed = containers_.remove(known_.at(name).id); !removed) return removed;
    known_.erase(name);
    changes_.record(Change::Kind::remove, "container", name);
  }
  return {};
}

Result<> ContainerChanges::put(const Manifest& document, std::vector<NotPut>* not_put) {
  if (!document.containers) return {};
  const auto& entries = *document.containers;
  if (auto fine = check_names(entries); !fine) return fine;
  if (not_put != nullptr) leave_out_what_has_no_place(entries, *not_put);
  if (auto parked = park_those_that_move(entries); !parked) return parked;
  for (const auto& entry : entries) {
    if (left_out_.contains(entry.full_name())) continue;
    if (auto put = put_container(entry); !put) return fail("container {}: {}", entry.full_name(), put.error().text);
  }
  return {};
}

Result<> ContainerChanges::check_names(const std::vector<ContainerEntry>& entries) {
  std::set<std::string> named;
  std::map<std::string, std::string> defaults;
  for (const auto& entry : entries) {
    if (!named.insert(entry.full_name()).second) return fail("container {} is there twice", entry.full_name());
    if (!entry.is_default.value_or(false)) continue;
    const auto [other, is_first] = defaults.emplace(entry.owner, entry.name);
    if (!is_first) return fail("user {} has two defaults: {} and {}", entry.owner, other->second, entry.name);
  }
  return {};
}

// What is left out stays where it is, and may be in the way of another one there: until nothing changes.
void ContainerChanges::leave_out_what_has_no_place(const std::vector<ContainerEntry>& entries,
                                                   std::vector<NotPut>& not_put) {
  std::map<std::string, Container> wanted;
  std::map<std::string, std::string> reasons;
  for (const auto& entry : entries) {
    const auto there = known_.find(entry.full_name());
    const bool says_where = there != known_.end() || (entry.backend && entry.says_place());
    if (!says_where) continue;
    if (there != known_.end() && there->second.is_by_command() && entry.address) {
      reasons.emplace(entry.full_name(), "it is reached by a command already; container move gives it an address");
      continue;
    }
    if (auto container = wanted_by(entry)) {
      wanted.emplace(entry.full_name(), *std::move(container));
    } else {
      reasons.emplace(entry.full_name(), container.error().text);
    }
  }
  for (bool is_settled = false; !std::exchange(is_settled, true);) {
    std::map<std::tuple<std::int64_t, std::string, std::uint16_t, std::string>, const Container*> logins;
    const auto is_free_for = [&](const Container& one) {
      return logins.try_emplace({one.backend, one.place(), one.port, one.account}, &one);
    };
    for (const auto& [name, container] : known_) {
      if (!wanted.contains(name)) is_free_for(container);
    }
    for (const auto& entry : entries) {
      const auto one = wanted.find(entry.full_name());
      if (one == wanted.end()) continue;
      const auto [there, is_free] = is_free_for(one->second);
      if (is_free) continue;
      reasons.emplace(one->first, store::Containers::taken(one->second, *there->second).text);
      wanted.erase(one);
      is_settled = false;
    }
  }
  for (const auto& entry : entries) {
    const auto reason = reasons.find(entry.full_name());
    if (reason == reasons.end()) continue;
    not_put.push_back({reason->first, reason->second});
    left_out_.insert(reason->first);
  }
}

// Containers may change places, and logins in one: whoever moves leaves first. A host key that was learned is lost on
// the way.
Result<> ContainerChanges::park_those_that_move(const std::vector<ContainerEntry>& entries) {
  for (const auto& entry : entries) {
    const auto found = known_.find(entry.full_name());
    if (found == known_.end() || left_out_.contains(entry.full_name())) continue;
    auto parked = found->second;
    const auto away = fmt::format("moving {}", parked.id);
    if (moves(found->second, entry)) {
      parked.command.clear();
      parked.address = away;
    } else if (entry.account && *entry.account != parked.account) {
      parked.account = away;
    } else {
      continue;
    }
    if (auto updated = containers_.update(parked); !updated) return updated;
  }
  return {};
}

bool ContainerChanges::moves(const Container& container, const ContainerEntry& entry) {
  return (entry.backend && *entry.backend != container.backend_name) ||
         (entry.command && *entry.command != container.command) ||
         (entry.address && (container.is_by_command() || entry.address->text() != container.place()));
}

// Somebody who is new is in no group that was there.
Result<> ContainerChanges::must_serve(const store::Backend& backend, const Container& wanted) const {
  if (wanted.backend == backend.id) return {};
  const auto* const owner = users_.find(wanted.owner_name);
  const auto served = served_.serves(backend.id, owner == nullptr ? 0 : owner->id);
  if (!served) return std::unexpected(served.error());
  if (*served) return {};
  return fail("backend {} serves groups of which {} is in none", backend.name, wanted.owner_name);
}

Result<Container> ContainerChanges::wanted_by(const ContainerEntry& entry) const {
  const auto found = known_.find(entry.full_name());
  Container wanted;
  if (found == known_.end()) {
    wanted.name = entry.name;
    wanted.owner_name = entry.owner;
    wanted.account = entry.owner;
  } else {
    wanted = found->second;
  }
  wanted.backend_name = entry.backend.value_or(wanted.backend_name);
  wanted.account = entry.account.value_or(wanted.account);
  set_place(wanted, entry);
  const auto* const backend = backends_.find(wanted.backend_name);
  if (backend == nullptr) return fail("there is no backend {}", wanted.backend_name);
  if (auto fine = must_serve(*backend, wanted); !fine) return std::unexpected(fine.error());
  wanted.backend = backend->id;
  return wanted;
}

Result<> ContainerChanges::put_wake(const Container& container, const ContainerEntry& entry, Differences& differences) {
  auto wakes = wakes_.of_container(container.id);
  if (!wakes) return std::unexpected(std::move(wakes.error()));
  const bool before = *wakes;
  differences.set("wake", *wakes, entry.wake, yes_or_no);
  return *wakes == before ? Result<>{} : wakes_.set_container(container.id, *wakes);
}

Result<> ContainerChanges::put_sftp(const Container& container, const ContainerEntry& entry, Differences& differences) {
  auto policy = sftp_policies_.of_container(container.id);
  if (!policy) return std::unexpected(std::move(policy.error()));
  const auto before = *policy;
  differences.set("sftp", *policy, entry.sftp, plain);
  return *policy == before ? Result<>{} : sftp_policies_.set_container(container.id, *policy);
}

Result<> ContainerChanges::put_record(const Container& container, const ContainerEntry& entry,
                                      Differences& differences) {
  auto record = records_.of_container(container.id);
  if (!record) return std::unexpected(std::move(record.error()));
  const auto before = *record;
  differences.set("record", *record, entry.record, record_text);
  return *record == before ? Result<>{} : records_.set_container(container.id, *record);
}

Result<> ContainerChanges::put_container(const ContainerEntry& entry) {
  const auto found = known_.find(entry.full_name());
  const bool is_new = found == known_.end();
  if (is_new && !(entry.backend && entry.says_place())) {
    return fail("it is new, so it needs backend and address, or a command");
  }
  Container container = is_new ? Container{} : found->second;
  const bool is_moved = !is_new && moves(container, entry);
  Differences differences;
  differences.set("backend", container.backend_name, entry.backend, plain);
  change_place(container, entry, differences);
  differences.set("login", container.account, entry.account, plain);
  differences.set("default", container.is_default, entry.is_default, yes_or_no);
  differences.set("legacy", container.is_legacy, entry.is_legacy, yes_or_no);
  differences.set("identity", container.presents, entry.presents, [](store::Presented one) { return text_of(one); });
  const auto* const backend = backends_.find(container.backend_name);
  if (backend == nullptr) return fail("there is no backend {}", container.backend_name);
  container.backend = backend->id;
  if (container.is_by_command() && backend->route == store::RouteKind::direct) {
    return fail("the bastion does not log in to backend {} (its route is direct), so it can run no command there",
                backend->name);
  }
  if (is_new) {
    if (auto added = add_container(container, entry); !added) return added;
  } else if (!differences.empty()) {
    if (auto updated = update_container(container, is_moved && !entry.host_keys); !updated) return updated;
  }
  if (auto put = put_wake(container, entry, differences); !put) return put;
  if (auto put = put_sftp(container, entry, differences); !put) return put;
  if (auto put = put_record(container, entry, differences); !put) return put;
  const auto owner = HostKeyOwner::of_container(container.id);
  if (auto agreed = agree_on_host_keys(container, entry); !agreed) return agreed;
  if (auto put = change_host_keys(host_keys_, owner, entry.host_keys, changes_.now(), differences); !put) return put;
  if (!is_new && !differences.empty()) {
    changes_.record(Change::Kind::change, "container", container.full_name(), differences.text());
  }
  known_.insert_or_assign(container.full_name(), container);
  return {};
}

Result<> ContainerChanges::update_container(const Container& container, bool takes_its_key_along) {
  const auto owner = HostKeyOwner::of_container(container.id);
  const auto before = host_keys_.of(owner);
  if (!before) return std::unexpected(before.error());
  if (auto updated = containers_.update(container); !updated) return updated;
  return takes_its_key_along ? have_come_along(host_keys_, owner, *before) : Result<>{};
}

// Accounts in one machine have its host keys: a document that gives it two sets would be another one each time it is
// applied.
Result<> ContainerChanges::agree_on_host_keys(const Container& container, const ContainerEntry& entry) {
  if (!entry.host_keys) return {};
  const auto [given, is_first] = host_keys_given_.try_emplace({container.backend, container.place(), container.port},
                                                              container.full_name(), *entry.host_keys);
  const auto& [name, keys] = given->second;
  if (is_first || std::ranges::is_permutation(keys, *entry.host_keys)) return {};
  return fail("it is in the same machine as container {}, for which this document gives another host key", name);
}

Result<> ContainerChanges::add_container(Container& container, const ContainerEntry& entry) {
  const auto* const user = users_.find(entry.owner);
  if (user == nullptr) return fail("there is no user {}", entry.owner);
  container.name = entry.name;
  container.owner = user->id;
  container.owner_name = entry.owner;
  container.created_at = changes_.now();
  if (container.account.empty()) {
    if (check_login(entry.owner)) return fail("{} is no name of an account there: it needs login", entry.owner);
    container.account = entry.owner;
  }
  const auto id = containers_.add(container);
  if (!id) return std::unexpected(id.error());
  container.id = *id;
  changes_.record(Change::Kind::add, "container", container.full_name(),
                  fmt::format("{}{}{} on backend {}", container.account, container.is_by_command() ? " by " : "@",
                              container.place(), container.backend_name));
  return {};
}

Result<> ContainerChanges::put_shares(const Manifest& document) {
  if (!document.containers) return {};
  const auto all = shares_.all();
  if (!all) return std::unexpected(all.error());
  std::map<std::string, std::vector<ShareEntry>> known;
  for (const auto& share : *all) {
    known[share.container].push_back({.user = share.user, .group = share.group, .expires_at = share.expires_at});
  }
  for (const auto& entry : *document.containers) {
    if (!entry.shares || left_out_.contains(entry.full_name())) continue;
    if (auto put = put_shares_of(entry, known[entry.full_name()]); !put) {
      return fail("container {}: {}", entry.full_name(), put.error().text);
    }
  }
  return {};
}

Result<> ContainerChanges::put_share(const Container& container, const ShareEntry& share) {
  if (share.is_with_group()) {
    const auto* const group = groups_.find(share.group);
    if (group == nullptr) return fail("there is no group {} to share it with", share.group);
    return shares_.add_group(container.id, group->id, share.expires_at);
  }
  const auto* const user = users_.find(share.user);
  if (user == nullptr) return fail("there is no user {} to share it with", share.user);
  if (share.user == container.owner_name) {
    return fail("it is {}'s own, and cannot be shared with its owner", share.user);
  }
  return shares_.add(container.id, user->id, share.expires_at);
}

Result<bool> ContainerChanges::remove_share(const Container& container, const ShareEntry& share) {
  return share.is_with_group() ? shares_.remove_group(container.id, groups_.find(share.group)->id)
                               : shares_.remove(container.id, users_.find(share.user)->id);
}

Result<> ContainerChanges::put_shares_of(const ContainerEntry& entry, const std::vector<ShareEntry>& known) {
  const auto& container = known_.at(entry.full_name());
  const auto name_of = [&](const ShareEntry& share) {
    return fmt::format("{} {}", container.full_name(), share.who());
  };
  std::set<std::string> named;
  for (const auto& share : *entry.shares) {
    if (!named.insert(share.who()).second) return fail("it is shared with {} twice", share.who());
    const auto there = std::ranges::find_if(known, [&](const ShareEntry& one) { return one.is_with_the_same(share); });
    const bool is_known = there != known.end();
    if (is_known && there->expires_at == share.expires_at) continue;
    if (auto put = put_share(container, share); !put) return put;
    changes_.record(is_known ? Change::Kind::change : Change::Kind::add, "share", name_of(share),
                    is_known
                        ? fmt::format("expires {} -> {}", timestamp(there->expires_at), timestamp(share.expires_at))
                        : std::string{});
  }
  if (!changes_.unnamed_go()) return {};
  for (const auto& share : known) {
    if (named.contains(share.who())) continue;
    if (auto removed = remove_share(container, share); !removed) return std::unexpected(removed.error());
    changes_.record(Change::Kind::remove, "share", name_of(share));
  }
  return {};
}

}  // namespace bastion::admin
