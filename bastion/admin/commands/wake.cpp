#include "bastion/admin/commands/wake.h"

#include "bastion/admin/commands/lookup.h"
#include "store/backends.h"
#include "store/wakes.h"

namespace bastion::admin {

Result<> set_wake(Context& context, const Arguments& arguments, const store::Container& container) {
  const bool on = arguments.given("--wake");
  const bool off = arguments.given("--no-wake");
  if (on && off) return fail("--wake and --no-wake are mutually exclusive");
  if (!on && !off) return {};
  if (on) {
    const auto backend = find_backend(context, container.backend_name);
    if (!backend) return std::unexpected(backend.error());
    if (backend->route == store::RouteKind::direct) {
      return fail("the bastion does not log in to backend {}, so it cannot start anything there", backend->name);
    }
  }
  return store::Wakes(context.database).set_container(container.id, on);
}

Result<> set_wake(Context& context, const Arguments& arguments, std::int64_t backend) {
  const auto hook = arguments.optional("--wake");
  if (!hook) return {};
  return store::Wakes(context.database).set_backend(backend, *hook == "none" ? "" : *hook);
}

std::string wake_of_container(const Arguments& arguments) {
  if (arguments.given("--wake")) return " --wake";
  return arguments.given("--no-wake") ? " --no-wake" : "";
}

std::string wake_of_backend(const Arguments& arguments) {
  const auto hook = arguments.optional("--wake");
  return hook ? " --wake " + *hook : "";
}

}  // namespace bastion::admin
