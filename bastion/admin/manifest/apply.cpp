#include "bastion/admin/manifest/apply.h"

#include <utility>

#include "bastion/admin/manifest/backend_changes.h"
#include "bastion/admin/manifest/ca_changes.h"
#include "bastion/admin/manifest/changes.h"
#include "bastion/admin/manifest/container_changes.h"
#include "bastion/admin/manifest/group_changes.h"
#include "bastion/admin/manifest/user_changes.h"

namespace bastion::admin {

std::string_view text_of(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::add: return "add";
    case Change::Kind::change: return "change";
    case Change::Kind::remove: break;
  }
  return "remove";
}

// What is gone makes room first; what others need is there before them, and goes after them.
Result<std::vector<Change>> apply(store::Database& database, const Manifest& document, Unnamed unnamed,
                                  std::int64_t now, std::vector<NotPut>* not_put) {
  Changes changes(unnamed, now);
  CaChanges cas(database, changes);
  UserChanges users(database, changes);
  GroupChanges groups(database, changes, users);
  BackendChanges backends(database, changes);
  ContainerChanges containers(database, changes, users, groups, backends);
  const auto done = [&]() -> Result<> {
    if (auto loaded = users.load(); !loaded) return loaded;
    if (auto loaded = groups.load(); !loaded) return loaded;
    if (auto loaded = backends.load(); !loaded) return loaded;
    if (auto loaded = containers.load(); !loaded) return loaded;
    if (auto removed = containers.remove_unnamed(document); !removed) return removed;
    if (auto removed = cas.remove_unnamed(document); !removed) return removed;
    if (auto put = cas.put(document); !put) return put;
    if (auto put = users.put(document); !put) return put;
    if (auto put = groups.put(document); !put) return put;
    if (auto put = backends.put(document); !put) return put;
    if (auto put = containers.put(document, not_put); !put) return put;
    if (auto put = containers.put_shares(document); !put) return put;
    if (auto removed = backends.remove_unnamed(document); !removed) return removed;
    if (auto removed = groups.remove_unnamed(document); !removed) return removed;
    return users.remove_unnamed(document);
  }();
  if (!done) return std::unexpected(done.error());
  return changes.take();
}

}  // namespace bastion::admin
