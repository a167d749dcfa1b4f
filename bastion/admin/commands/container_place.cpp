#include "bastion/admin/commands/container_place.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/access/host.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/container_command.h"

namespace bastion::admin {
namespace {

using store::Backend;
using store::Container;

Result<> must_take(const Backend& backend, const Arguments& arguments) {
  if (takes(backend, arguments)) return {};
  if (!arguments.given("--command")) {
    return fail("the bastion does not log in to backend {} (it is --direct), so it can make nothing there",
                backend.name);
  }
  return fail(
      "the bastion does not log in to backend {} (it is --direct), so it can run no command there: give --address",
      backend.name);
}

// Sets how a container is reached, where that is said. Its name is known.
void set_reach(Container& container, const Arguments& arguments) {
  if (const auto command = arguments.optional("--command")) {
    container.command = command_of(*command, container.name);
    container.address.clear();
    container.port = kSshPort;
  } else if (const auto address = arguments.optional("--address")) {
    auto [host, port] = container_address_of(*address);
    container.command.clear();
    container.address = std::move(host);
    container.port = port;
  }
}

}  // namespace

bool takes(const Backend& backend, const Arguments& arguments) {
  return backend.route == store::RouteKind::hop || arguments.given("--address");
}

Result<> put_on(Container& container, const Backend& backend, const Arguments& arguments) {
  if (auto fine = must_take(backend, arguments); !fine) return fine;
  container.backend = backend.id;
  container.backend_name = backend.name;
  set_reach(container, arguments);
  return {};
}

std::string place_of(const Container& container) {
  const auto place = container.is_by_command() ? fmt::format("`{}`", container.command) : container.place();
  return fmt::format("{} on backend {}", place, container.backend_name);
}

std::string note_on(const Container& container) {
  if (container.is_by_command()) {
    return fmt::format(
        "the account of backend {} has to be allowed to run `{}`: docs/SECURITY.md says how to allow no more",
        container.backend_name, container.command);
  }
  if (!access::is_loopback(container.address) && !access::is_link_local(container.address)) return {};
  return fmt::format(
      "{} is an address of the host of {}: only port {} leads to the container, and users reach nothing else of it by "
      "name",
      container.address, container.full_name(), container.port);
}

}  // namespace bastion::admin
