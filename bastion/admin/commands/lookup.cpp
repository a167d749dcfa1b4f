#include "bastion/admin/commands/lookup.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "bastion/admin/manifest/some_of.h"

namespace bastion::admin {

using store::Container;

Result<Container> find_container(Context& context, std::string_view reference) {
  const auto slash = reference.find('/');
  const auto name = slash == std::string_view::npos ? reference : reference.substr(slash + 1);
  auto found = store::Containers(context.database).named(name);
  if (!found) return std::unexpected(std::move(found.error()));
  if (slash != std::string_view::npos) {
    std::erase_if(*found, [&](const Container& one) { return one.owner_name != reference.substr(0, slash); });
  }
  if (found->empty()) return fail("there is no container {}", reference);
  if (found->size() > 1) {
    return fail("several containers are named {}; name one: {}", reference, some_of(names_of(*found)));
  }
  return std::move(found->front());
}

bool leads_to(const session::LiveSession& session, const std::set<std::string>& places) {
  return places.contains(session.container) ||
         std::ranges::any_of(session.tunnels, [&](const auto& place) { return places.contains(place); });
}

}  // namespace bastion::admin
