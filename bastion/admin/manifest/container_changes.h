// The containers of a directory and their shares, made to be as a document says.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bastion/admin/manifest/backend_changes.h"
#include "bastion/admin/manifest/changes.h"
#include "bastion/admin/manifest/differences.h"
#include "bastion/admin/manifest/group_changes.h"
#include "bastion/admin/manifest/user_changes.h"
#include "store/containers.h"
#include "store/host_keys.h"
#include "store/sftp_policies.h"
#include "store/shares.h"
#include "store/wakes.h"

namespace bastion::admin {

class ContainerChanges {
 public:
  // All must outlive it.
  ContainerChanges(store::Database& database, Changes& changes, const UserChanges& users, const GroupChanges& groups,
                   const BackendChanges& backends)
      : changes_(changes),
        users_(users),
        groups_(groups),
        backends_(backends),
        containers_(database),
        shares_(database),
        host_keys_(database),
        wakes_(database),
        sftp_policies_(database),
        records_(database),
        served_(database) {}

  // What is there already. Before anything else.
  Result<> load();
  // Before put(): an address is free again.
  Result<> remove_unnamed(const Manifest& document);
  // After the users, the groups and the backends.
  Result<> put(const Manifest& document, std::vector<NotPut>* not_put);
  Result<> put_shares(const Manifest& document);

 private:
  static Result<> check_names(const std::vector<ContainerEntry>& entries);
  // What an entry makes of it, or of nothing; the error is that there is no such backend, or that it serves others.
  Result<store::Container> wanted_by(const ContainerEntry& entry) const;
  Result<> must_serve(const store::Backend& backend, const store::Container& wanted) const;
  // Decides which entries cannot be put, before anything moves.
  void leave_out_what_has_no_place(const std::vector<ContainerEntry>& entries, std::vector<NotPut>& not_put);
  Result<> park_those_that_move(const std::vector<ContainerEntry>& entries);
  static bool moves(const store::Container& container, const ContainerEntry& entry);
  Result<> put_container(const ContainerEntry& entry);
  Result<> add_container(store::Container& container, const ContainerEntry& entry);
  Result<> update_container(const store::Container& container, bool takes_its_key_along);
  Result<> put_wake(const store::Container& container, const ContainerEntry& entry, Differences& differences);
  Result<> put_sftp(const store::Container& container, const ContainerEntry& entry, Differences& differences);
  Result<> put_record(const store::Container& container, const ContainerEntry& entry, Differences& differences);
  Result<> agree_on_host_keys(const store::Container& container, const ContainerEntry& entry);
  Result<> put_shares_of(const ContainerEntry& entry, const std::vector<ShareEntry>& known);
  Result<> put_share(const store::Container& container, const ShareEntry& share);
  Result<bool> remove_share(const store::Container& container, const ShareEntry& share);

  Changes& changes_;
  const UserChanges& users_;
  const GroupChanges& groups_;
  const BackendChanges& backends_;
  store::Containers containers_;
  store::Shares shares_;
  store::HostKeys host_keys_;
  store::Wakes wakes_;
  store::SftpPolicies sftp_policies_;
  store::RecordPolicies records_;
  mutable store::Groups served_;
  std::map<std::string, store::Container> known_;
  std::set<std::string> left_out_;  // not put
  // By machine: the first container in it for which the document gives a host key, and that key.
  using Machine = std::tuple<std::int64_t, std::string, std::uint16_t>;  // backend, address, port
  std::map<Machine, std::pair<std::string, std::vector<PublicKey>>> host_keys_given_;
};

}  // namespace bastion::admin
