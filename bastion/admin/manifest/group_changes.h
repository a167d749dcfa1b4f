// The groups of a directory and who is in them, made to be as a document says.
#pragma once

#include <map>
#include <string>

#include "bastion/admin/manifest/changes.h"
#include "bastion/admin/manifest/user_changes.h"
#include "store/groups.h"
#include "store/sftp_policies.h"

namespace bastion::admin {

class GroupChanges {
 public:
  // All must outlive it.
  GroupChanges(store::Database& database, Changes& changes, const UserChanges& users)
      : changes_(changes), users_(users), groups_(database), sftp_policies_(database), records_(database) {}

  // What is there already. Before anything else.
  Result<> load();
  // After the users.
  Result<> put(const Manifest& document);
  // After the backends, which may serve only some.
  Result<> remove_unnamed(const Manifest& document);

  // As it is by now; nothing when there is no such group.
  [[nodiscard]] const store::Group* find(const std::string& name) const;

 private:
  Result<> put_group(const GroupEntry& entry);
  Result<> put_sftp(const store::Group& group, const GroupEntry& entry, bool is_new);
  Result<> put_record(const store::Group& group, const GroupEntry& entry, bool is_new);
  Result<> put_members(const store::Group& group, const std::vector<std::string>& members);

  Changes& changes_;
  const UserChanges& users_;
  store::Groups groups_;
  store::SftpPolicies sftp_policies_;
  store::RecordPolicies records_;
  std::map<std::string, store::Group> known_;
};

}  // namespace bastion::admin
