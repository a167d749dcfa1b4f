#include "bastion/wake/instance.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/base/name.h"
#include "bastion/upstream/backend_command.h"

namespace bastion::wake {
namespace {

constexpr std::size_t kLongest = std::size_t{64} * 1024;

// As both say it (Incus and LXD, cmd start).
bool runs_already(const connection::RemoteCommand::Outcome& outcome) {
  return outcome.err.contains("already running") || outcome.out.contains("already running");
}

}  // namespace

Task<Result<>> start_instance(const upstream::Credentials& credentials, upstream::HopPool& hops,
                              std::vector<access::Hop> way, std::string name, std::chrono::seconds within) {
  // A shell reads it there: a name of the directory has nothing in it that means anything to one.
  if (!is_name(name) || way.empty()) co_return fail("{:?} cannot be started from here", name);
  upstream::BackendCommand command{
      .words = {"incus start " + name, "lxc start " + name}, .longest = kLongest, .within = within};
  const auto backend = way.back();
  auto ran = co_await upstream::run_on_backend(credentials, hops, std::move(way), std::move(command));
  if (!ran) co_return std::unexpected(std::move(ran.error()));
  if (ran->outcome.status == 0 || runs_already(ran->outcome)) co_return Result<>{};
  if (ran->outcome.status == upstream::kNotFound) {
    co_return fail("neither incus nor lxc is found by the account {} on backend {}", backend.account, backend.name);
  }
  co_return fail("{}; the account {} needs a shell there, and the right to start instances",
                 upstream::failure_of(*ran, backend), backend.account);
}

}  // namespace bastion::wake
