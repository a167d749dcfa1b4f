#include <fmt/format.h>

#include "bastion/admin/checks.h"
#include "bastion/admin/handlers.h"
#include "bastion/admin/tables.h"
#include "bastion/base/endpoint.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/host_keys.h"

namespace bastion::admin {
namespace {

using store::Backend;
using store::HostKeyOwner;

Cell via_cell(const Backend& backend) { return backend.via ? Cell(backend.via_name) : Cell(nullptr); }
Cell capacity_cell(const Backend& backend) { return backend.capacity ? Cell(*backend.capacity) : Cell(nullptr); }
std::string address_of(const Backend& backend) { return Endpoint{backend.host, backend.port}.text(); }

Result<Backend> described(Context& context, const Arguments& arguments) {
  const auto endpoint = parse_endpoint(arguments.text("HOST"), kSshPort);
  if (!endpoint) return std::unexpected(endpoint.error());
  Backend backend;
  backend.name = arguments.text("NAME");
  backend.host = endpoint->host;
  backend.port = endpoint->port;
  backend.login = arguments.text("--login");
  backend.created_at = context.now;
  if (arguments.given("--direct")) backend.route = store::RouteKind::direct;
  if (const auto capacity = arguments.optional("--capacity")) backend.capacity = capacity_of(*capacity);
  if (const auto via = arguments.optional("--via")) {
    const auto before = store::Backends(context.database).get(*via);
    if (!before) return std::unexpected(before.error());
    backend.via = before->id;
  }
  return backend;
}

}  // namespace

Result<Answer> backend_add(Context& context, const Arguments& arguments) {
  const auto backend = described(context, arguments);
  if (!backend) return std::unexpected(backend.error());
  const auto id = store::Backends(context.database).add(*backend);
  if (!id) return std::unexpected(id.error());
  for (const auto& given : arguments.keys("--host-key")) {
    if (auto pinned = store::HostKeys(context.database).pin(HostKeyOwner::of_backend(*id), given.key.blob, context.now);
        !pinned) {
      return std::unexpected(pinned.error());
    }
  }
  return Answer{Sentence{fmt::format("backend {} added", backend->name)}, backend->name};
}

Result<Answer> backend_list(Context& context, const Arguments& /*arguments*/) {
  const auto backends = store::Backends(context.database).all();
  if (!backends) return std::unexpected(backends.error());
  store::Containers all_containers(context.database);
  Table table{{"name", "address", "login", "via", "route", "state", "containers", "capacity"}, {}};
  for (const auto& backend : *backends) {
    const auto containers = all_containers.on_backend(backend.id);
    if (!containers) return std::unexpected(containers.error());
    table.rows.push_back({backend.name, address_of(backend), backend.login, via_cell(backend), text_of(backend.route),
                          text_of(backend.state), containers->size(), capacity_cell(backend)});
  }
  return Answer{std::move(table)};
}

Result<Answer> backend_show(Context& context, const Arguments& arguments) {
  const auto backend = store::Backends(context.database).get(arguments.text("NAME"));
  if (!backend) return std::unexpected(backend.error());
  const auto host_key = store::HostKeys(context.database).find(HostKeyOwner::of_backend(backend->id));
  if (!host_key) return std::unexpected(host_key.error());
  const auto containers = store::Containers(context.database).on_backend(backend->id);
  if (!containers) return std::unexpected(containers.error());
  return Answer{Record{{{"name", Cell(backend->name)},
                        {"address", Cell(address_of(*backend))},
                        {"login", Cell(backend->login)},
                        {"via", via_cell(*backend)},
                        {"route", Cell(text_of(backend->route))},
                        {"state", Cell(text_of(backend->state))},
                        {"capacity", capacity_cell(*backend)},
                        {"host_key", host_key_cell(*host_key)},
                        {"created", moment_cell(backend->created_at)},
                        {"containers", table_of(*containers)}}}};
}

Result<Answer> backend_remove(Context& context, const Arguments& arguments) {
  store::Backends backends(context.database);
  const auto backend = backends.get(arguments.text("NAME"));
  if (!backend) return std::unexpected(backend.error());
  const auto containers = store::Containers(context.database).on_backend(backend->id);
  if (!containers) return std::unexpected(containers.error());
  if (!containers->empty()) {
    std::vector<std::string> names;
    for (const auto& container : *containers) names.push_back(container.full_name());
    return fail("backend {} still has {}: remove that first", backend->name, some_of(names));
  }
  const auto behind = backends.behind(backend->id);
  if (!behind) return std::unexpected(behind.error());
  if (!behind->empty()) return fail("backend {} is the way to {}: remove that first", backend->name, some_of(*behind));
  if (auto removed = backends.remove(backend->id); !removed) return std::unexpected(removed.error());
  return Answer{Sentence{fmt::format("backend {} removed", backend->name)}, backend->name};
}

}  // namespace bastion::admin
