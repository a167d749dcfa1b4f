#include "bastion/admin/manifest/user_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "bastion/admin/manifest/cells.h"
#include "bastion/admin/manifest/differences.h"
#include "bastion/admin/manifest/new_key.h"
#include "bastion/admin/manifest/some_of.h"

namespace bastion::admin {

using store::User;

Result<> UserChanges::load() {
  auto all = users_.all();
  if (!all) return std::unexpected(std::move(all.error()));
  for (auto& one : *all) known_.emplace(one.name, std::move(one));
  return {};
}

const User* UserChanges::find(const std::string& name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? nullptr : &found->second;
}

Result<> UserChanges::put(const Manifest& document) {
  if (!document.users) return {};
  for (const auto& entry : *document.users) {
    if (auto put = put_user(entry); !put) return fail("user {}: {}", entry.name, put.error().text);
  }
  return {};
}

Result<> UserChanges::put_user(const UserEntry& entry) {
  const auto found = known_.find(entry.name);
  const bool is_new = found == known_.end();
  User user = is_new ? User{} : found->second;
  if (is_new) {
    const auto id = users_.add(entry.name, store::Role::user, changes_.now());
    if (!id) return std::unexpected(id.error());
    user.id = *id;
    user.name = entry.name;
  }
  Differences differences;
  differences.set("role", user.role, entry.role, [](store::Role role) { return text_of(role); });
  differences.set("options", user.options, entry.options, plain);
  differences.set("idle timeout", user.idle_timeout, entry.idle_timeout, limit);
  differences.set("longest session", user.max_session, entry.max_session, limit);
  differences.set("sessions", user.caps.sessions, entry.max_sessions, cap);
  differences.set("logins a minute", user.caps.logins, entry.max_logins, cap);
  differences.set("rekeys a minute", user.caps.rekeys, entry.max_rekeys, cap);
  differences.set("bytes a second", user.caps.bytes, entry.max_bytes, cap);
  differences.set("auth", user.auth, entry.auth,
                  [](const std::string& text) { return auth_cell(text).get<std::string>(); });
  auto record = records_.of_user(user.id);
  if (!record) return std::unexpected(std::move(record.error()));
  if (!differences.empty()) {
    if (auto updated = users_.update(user); !updated) return updated;
  }
  if (auto put = put_sftp(user, entry, differences); !put) return put;
  const auto recorded = *record;
  differences.set("record", *record, entry.record, record_text);
  if (*record != recorded) {
    if (auto set = records_.set_user(user.id, *record); !set) return set;
  }
  if (entry.is_disabled && *entry.is_disabled != user.disabled_at.has_value()) {
    differences.note("disabled", yes_or_no(user.disabled_at.has_value()), yes_or_no(*entry.is_disabled));
    user.disabled_at = *entry.is_disabled ? std::optional(changes_.now()) : std::nullopt;
    const auto set = *entry.is_disabled ? users_.disable(user.id, changes_.now()) : users_.enable(user.id);
    if (!set) return set;
  }
  known_.insert_or_assign(user.name, user);
  if (is_new) return put_keys_of_new(user, entry.keys.value_or(std::vector<KeyEntry>{}));
  if (!differences.empty()) changes_.record(Change::Kind::change, "user", user.name, differences.text());
  return entry.keys ? put_keys(user, *entry.keys) : Result<>{};
}

Result<> UserChanges::put_sftp(const User& user, const UserEntry& entry, Differences& differences) {
  auto policy = sftp_policies_.of_user(user.id);
  if (!policy) return std::unexpected(std::move(policy.error()));
  const auto before = *policy;
  differences.set("sftp", *policy, entry.sftp, plain);
  return *policy == before ? Result<>{} : sftp_policies_.set_user(user.id, *policy);
}

// One line for all of them.
Result<> UserChanges::put_keys_of_new(const User& user, const std::vector<KeyEntry>& entries) {
  const auto before = changes_.size();
  if (auto put = put_keys(user, entries); !put) return put;
  changes_.shrink_to(before);
  changes_.record(Change::Kind::add, "user", user.name, fmt::format("keys {}", entries.size()));
  return {};
}

Result<> UserChanges::put_keys(const User& user, const std::vector<KeyEntry>& entries) {
  auto known = keys_.of_user(user.id);
  if (!known) return std::unexpected(std::move(known.error()));
  std::set<ByteVector> named;
  for (const auto& entry : entries) {
    auto key = new_key(entry.key, changes_.now(), entry.options.value_or(std::string{}));
    key.expires_at = entry.expires_at.value_or(std::nullopt);
    if (!named.insert(key.blob).second) return fail("key {} is there twice", key.fingerprint);
    const auto there = std::ranges::find(*known, key.blob, &store::Key::blob);
    const auto put = there == known->end() ? add_key(user, key) : change_key(user, *there, entry);
    if (!put) return put;
  }
  if (!changes_.unnamed_go()) return {};
  for (const auto& key : *known) {
    if (named.contains(key.blob)) continue;
    if (auto removed = keys_.remove(user.id, key.fingerprint); !removed) return std::unexpected(removed.error());
    changes_.record(Change::Kind::remove, "key", fmt::format("{} {}", user.name, key.fingerprint));
  }
  return {};
}

Result<> UserChanges::add_key(const User& user, const store::Key& key) {
  changes_.record(Change::Kind::add, "key", fmt::format("{} {}", user.name, key.fingerprint));
  return keys_.add(user.id, key);
}

Result<> UserChanges::change_key(const User& user, store::Key& key, const KeyEntry& entry) {
  Differences differences;
  const auto comment = entry.key.comment.empty() ? std::nullopt : std::optional(entry.key.comment);
  differences.set("comment", key.comment, comment, plain);
  differences.set("options", key.options, entry.options, plain);
  differences.set("expires", key.expires_at, entry.expires_at, timestamp);
  if (differences.empty()) return {};
  changes_.record(Change::Kind::change, "key", fmt::format("{} {}", user.name, key.fingerprint), differences.text());
  return keys_.update(key);
}

Result<> UserChanges::remove_unnamed(const Manifest& document) {
  for (const auto& name : changes_.to_go(known_, document.users, &UserEntry::name)) {
    const auto id = known_.at(name).id;
    const auto owned = containers_.of_owner(id);
    if (!owned) return std::unexpected(owned.error());
    if (!owned->empty()) return fail("user {} would go, but still owns {}", name, some_of(names_of(*owned)));
    if (auto removed = users_.remove(id); !removed) return removed;
    known_.erase(name);
    changes_.record(Change::Kind::remove, "user", name);
  }
  return {};
}

}  // namespace bastion::admin
