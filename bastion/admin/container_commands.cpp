#include <fmt/format.h>

#include <algorithm>

#include "bastion/admin/checks.h"
#include "bastion/admin/handlers.h"
#include "bastion/admin/tables.h"
#include "bastion/base/endpoint.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/host_keys.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

using store::Container;
using store::HostKeyOwner;

// The one that is meant by `name` or `owner/name`.
Result<Container> find(Context& context, std::string_view reference) {
  const auto slash = reference.find('/');
  const auto name = slash == std::string_view::npos ? reference : reference.substr(slash + 1);
  auto found = store::Containers(context.database).named(name);
  if (!found) return std::unexpected(std::move(found.error()));
  if (slash != std::string_view::npos) {
    std::erase_if(*found, [&](const Container& one) { return one.owner_name != reference.substr(0, slash); });
  }
  if (found->empty()) return fail("there is no container {}", reference);
  if (found->size() > 1) {
    std::vector<std::string> names;
    for (const auto& container : *found) names.push_back(container.full_name());
    return fail("several containers are named {}; say which one: {}", reference, some_of(names));
  }
  return std::move(found->front());
}

Result<Container> described(Context& context, const Arguments& arguments) {
  const auto owner = store::Users(context.database).get(arguments.text("--owner"));
  if (!owner) return std::unexpected(owner.error());
  const auto backend = store::Backends(context.database).get(arguments.text("--backend"));
  if (!backend) return std::unexpected(backend.error());
  const auto endpoint = parse_endpoint(arguments.text("--address"), kSshPort);
  if (!endpoint) return std::unexpected(endpoint.error());
  Container container;
  container.name = arguments.text("NAME");
  container.owner = owner->id;
  container.owner_name = owner->name;
  container.backend = backend->id;
  container.backend_name = backend->name;
  container.address = endpoint->host;
  container.port = endpoint->port;
  container.login = arguments.optional("--login").value_or(owner->name);
  container.is_default = arguments.given("--default");
  container.created_at = context.now;
  return container;
}

}  // namespace

Result<Answer> container_add(Context& context, const Arguments& arguments) {
  const auto container = described(context, arguments);
  if (!container) return std::unexpected(container.error());
  const auto id = store::Containers(context.database).add(*container);
  if (!id) return std::unexpected(id.error());
  for (const auto& given : arguments.keys("--host-key")) {
    if (auto pinned =
            store::HostKeys(context.database).pin(HostKeyOwner::of_container(*id), given.key.blob, context.now);
        !pinned) {
      return std::unexpected(pinned.error());
    }
  }
  return Answer{Sentence{fmt::format("container {} added", container->full_name())}, container->full_name()};
}

Result<Answer> container_list(Context& context, const Arguments& arguments) {
  auto containers = store::Containers(context.database).all();
  if (!containers) return std::unexpected(containers.error());
  if (const auto name = arguments.optional("--owner")) {
    const auto owner = store::Users(context.database).get(*name);
    if (!owner) return std::unexpected(owner.error());
    std::erase_if(*containers, [&](const Container& one) { return one.owner != owner->id; });
  }
  if (const auto name = arguments.optional("--backend")) {
    const auto backend = store::Backends(context.database).get(*name);
    if (!backend) return std::unexpected(backend.error());
    std::erase_if(*containers, [&](const Container& one) { return one.backend != backend->id; });
  }
  return Answer{table_of(*containers)};
}

Result<Answer> container_show(Context& context, const Arguments& arguments) {
  const auto container = find(context, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  const auto host_key = store::HostKeys(context.database).find(HostKeyOwner::of_container(container->id));
  if (!host_key) return std::unexpected(host_key.error());
  return Answer{Record{{{"name", Cell(container->name)},
                        {"owner", Cell(container->owner_name)},
                        {"backend", Cell(container->backend_name)},
                        {"address", Cell(Endpoint{container->address, container->port}.text())},
                        {"login", Cell(container->login)},
                        {"default", Cell(container->is_default)},
                        {"host_key", host_key_cell(*host_key)},
                        {"created", moment_cell(container->created_at)}}}};
}

Result<Answer> container_remove(Context& context, const Arguments& arguments) {
  const auto container = find(context, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  if (auto removed = store::Containers(context.database).remove(container->id); !removed) {
    return std::unexpected(removed.error());
  }
  return Answer{Sentence{fmt::format("container {} removed", container->full_name())}, container->full_name()};
}

}  // namespace bastion::admin
