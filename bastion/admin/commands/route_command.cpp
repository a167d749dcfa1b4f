#include "bastion/access/route.h"
#include "bastion/access/target.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/base/endpoint.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/users.h"

namespace bastion::admin {

Result<Answer> route_show(Context& context, const Arguments& arguments) {
  const auto target = access::parse_target(arguments.text("USER"));
  if (!target) return fail("{} is no login", arguments.text("USER"));
  const auto user = find_user(context, target->user);
  if (!user) return std::unexpected(user.error());
  if (user->disabled_at) return fail("user {} is disabled: every login is refused", user->name);

  store::Containers containers(context.database);
  store::Backends backends(context.database);
  const access::Identity who{.user = user->id, .name = user->name};
  const auto route = access::find_route(containers, backends, who, *target, context.now);
  if (!route) {
    const auto& end = route.error();
    return fail("{} would be told: {}", user->name, sentence_of(end));
  }
  Table table{{"step", "name", "address", "login"}, {}};
  for (const auto& hop : route->hops) {
    table.rows.push_back({"hop", hop.name, Endpoint{hop.host, hop.port}.text(), hop.account});
  }
  table.rows.push_back({"container", route->container_name, route->place(), route->account});
  return Answer{std::move(table)};
}

}  // namespace bastion::admin
