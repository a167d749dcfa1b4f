#include "bastion/admin/manifest/group_changes.h"

#include <fmt/format.h>

#include <algorithm>

#include "bastion/admin/manifest/differences.h"

namespace bastion::admin {

using store::Group;

Result<> GroupChanges::load() {
  const auto all = groups_.all();
  if (!all) return std::unexpected(all.error());
  for (const auto& one : *all) known_.emplace(one.group.name, one.group);
  return {};
}

const Group* GroupChanges::find(const std::string& name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? nullptr : &found->second;
}

Result<> GroupChanges::put(const Manifest& document) {
  if (!document.groups) return {};
  for (const auto& entry : *document.groups) {
    if (auto put = put_group(entry); !put) return fail("group {}: {}", entry.name, put.error().text);
  }
  return {};
}

Result<> GroupChanges::put_group(const GroupEntry& entry) {
  const bool is_new = !known_.contains(entry.name);
  if (is_new) {
    const auto id = groups_.add(entry.name, changes_.now());
    if (!id) return std::unexpected(id.error());
    known_.emplace(entry.name, Group{.id = *id, .name = entry.name, .created_at = changes_.now()});
    changes_.record(Change::Kind::add, "group", entry.name);
  }
  if (auto put = put_sftp(known_.at(entry.name), entry, is_new); !put) return put;
  if (auto put = put_record(known_.at(entry.name), entry, is_new); !put) return put;
  return entry.members ? put_members(known_.at(entry.name), *entry.members) : Result<>{};
}

Result<> GroupChanges::put_sftp(const Group& group, const GroupEntry& entry, bool is_new) {
  auto policy = sftp_policies_.of_group(group.id);
  if (!policy) return std::unexpected(std::move(policy.error()));
  Differences differences;
  differences.set("sftp", *policy, entry.sftp, plain);
  if (differences.empty()) return {};
  if (!is_new) changes_.record(Change::Kind::change, "group", group.name, differences.text());
  return sftp_policies_.set_group(group.id, *policy);
}

Result<> GroupChanges::put_record(const Group& group, const GroupEntry& entry, bool is_new) {
  auto record = records_.of_group(group.id);
  if (!record) return std::unexpected(std::move(record.error()));
  Differences differences;
  differences.set("record", *record, entry.record, record_text);
  if (differences.empty()) return {};
  if (!is_new) changes_.record(Change::Kind::change, "group", group.name, differences.text());
  return records_.set_group(group.id, *record);
}

Result<> GroupChanges::put_members(const Group& group, const std::vector<std::string>& members) {
  const auto before = groups_.members(group.id);
  if (!before) return std::unexpected(before.error());
  for (const auto& name : members) {
    const auto* const user = users_.find(name);
    if (user == nullptr) return fail("there is no user {} to be in it", name);
    const auto joined = groups_.join(group.id, user->id);
    if (!joined) return std::unexpected(joined.error());
    if (*joined) changes_.record(Change::Kind::add, "member", fmt::format("{} {}", group.name, name));
  }
  if (!changes_.unnamed_go()) return {};
  for (const auto& name : *before) {
    if (std::ranges::find(members, name) != members.end()) continue;
    const auto left = groups_.leave(group.id, users_.find(name)->id);
    if (!left) return std::unexpected(left.error());
    changes_.record(Change::Kind::remove, "member", fmt::format("{} {}", group.name, name));
  }
  return {};
}

Result<> GroupChanges::remove_unnamed(const Manifest& document) {
  for (const auto& name : changes_.to_go(known_, document.groups, &GroupEntry::name)) {
    if (auto removed = groups_.remove(known_.at(name)); !removed) return removed;
    known_.erase(name);
    changes_.record(Change::Kind::remove, "group", name);
  }
  return {};
}

}  // namespace bastion::admin
