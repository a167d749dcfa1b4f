// The users of a directory and their keys, made to be as a document says.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "bastion/admin/manifest/changes.h"
#include "bastion/admin/manifest/differences.h"
#include "store/containers.h"
#include "store/keys.h"
#include "store/sftp_policies.h"
#include "store/users.h"

namespace bastion::admin {

class UserChanges {
 public:
  // Both must outlive it.
  UserChanges(store::Database& database, Changes& changes)
      : changes_(changes),
        users_(database),
        keys_(database),
        records_(database),
        containers_(database),
        sftp_policies_(database) {}

  // What is there already. Before anything else.
  Result<> load();
  Result<> put(const Manifest& document);
  // After the containers, which have owners.
  Result<> remove_unnamed(const Manifest& document);

  // As it is by now; nothing when there is no such user.
  [[nodiscard]] const store::User* find(const std::string& name) const;

 private:
  Result<> put_user(const UserEntry& entry);
  Result<> put_sftp(const store::User& user, const UserEntry& entry, Differences& differences);
  Result<> put_keys_of_new(const store::User& user, const std::vector<KeyEntry>& entries);
  Result<> put_keys(const store::User& user, const std::vector<KeyEntry>& entries);
  Result<> add_key(const store::User& user, const store::Key& key);
  Result<> change_key(const store::User& user, store::Key& key, const KeyEntry& entry);

  Changes& changes_;
  store::Users users_;
  store::Keys keys_;
  store::RecordPolicies records_;
  store::Containers containers_;
  store::SftpPolicies sftp_policies_;
  std::map<std::string, store::User> known_;
};

}  // namespace bastion::admin
