// The backends of a directory, made to be as a document says.
#pragma once

#include <map>
#include <string>

#include "bastion/admin/manifest/changes.h"
#include "bastion/admin/manifest/differences.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/groups.h"
#include "store/host_keys.h"
#include "store/links.h"
#include "store/sources.h"
#include "store/wakes.h"

namespace bastion::admin {

class BackendChanges {
 public:
  // Both must outlive it.
  BackendChanges(store::Database& database, Changes& changes)
      : changes_(changes),
        backends_(database),
        containers_(database),
        host_keys_(database),
        wakes_(database),
        sources_(database),
        links_(database),
        groups_(database) {}

  // What is there already. Before anything else.
  Result<> load();
  Result<> put(const Manifest& document);
  // After the containers, which are on them.
  Result<> remove_unnamed(const Manifest& document);

  // As it is by now; nothing when there is no such backend.
  [[nodiscard]] const store::Backend* find(const std::string& name) const;

 private:
  Result<> put_backend(const BackendEntry& entry);
  Result<> put_hook(const store::Backend& backend, const BackendEntry& entry, Differences& differences);
  Result<> put_source(const store::Backend& backend, const BackendEntry& entry, Differences& differences);
  // What it may not be given, as one that dials in or does not.
  static Result<> check_reverse(const store::Backend& backend, const BackendEntry& entry, bool is_new);
  Result<> put_link_key(const store::Backend& backend, const BackendEntry& entry, Differences& differences);
  Result<> put_groups(const store::Backend& backend, const BackendEntry& entry, Differences& differences);
  Result<> put_way(const BackendEntry& entry);

  Changes& changes_;
  store::Backends backends_;
  store::Containers containers_;
  store::HostKeys host_keys_;
  store::Wakes wakes_;
  store::Sources sources_;
  store::Links links_;
  store::Groups groups_;
  std::map<std::string, store::Backend> known_;
};

}  // namespace bastion::admin
