#include "bastion/probe/carry_out.h"

#include <utility>

#include "bastion/access/route.h"
#include "bastion/base/log.h"
#include "bastion/upstream/backend_command.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"
#include "store/backends.h"

namespace bastion::probe {
namespace {

// An instance as a document, or the resources of a machine.
constexpr std::size_t kLongestReply = std::size_t{1024} * 1024;

}  // namespace

Task<Result<Ordered>> carry_out(const upstream::Credentials& credentials, upstream::HopPool& hops,
                                store::Backends& backends, Order order) {
  const auto known = backends.get(order.backend);
  if (!known) co_return std::unexpected(known.error());
  const auto way = access::find_way(backends, known->id);
  if (!way) co_return std::unexpected(way.error());
  if (way->empty() || way->back().backend != known->id) {
    co_return fail("the bastion does not log in to backend {}, so nothing can be done there", order.backend);
  }
  upstream::BackendCommand command{
      .words = {order.words}, .longest = kLongestReply, .within = order.within, .again = upstream::Again::never};
  auto ran = co_await upstream::run_on_backend(credentials, hops, *way, std::move(command));
  if (!ran) co_return std::unexpected(std::move(ran.error()));
  const auto& status = ran->outcome.status;
  if (!status) co_return fail("`{}` on backend {} was killed by a signal", order.words, order.backend);
  Ordered ordered{
      .status = *status, .out = std::move(ran->outcome.out), .complaint = upstream::complaint_of(ran->outcome)};
  log::debug("ordered backend={} command={:?} status={} said={:?}", order.backend, order.words, ordered.status,
             ordered.complaint);
  co_return ordered;
}

}  // namespace bastion::probe
