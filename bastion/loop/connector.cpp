#include "bastion/loop/connector.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "bastion/loop/loop.h"
#include "bastion/loop/resolver.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/watcher.h"

namespace bastion::loop {
namespace {

// The outcome of a connect() in progress: 0 or an errno.
int outcome_of(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

using Connected = std::expected<Descriptor, ConnectError>;

template <typename... Args>
std::unexpected<ConnectError> no_connection(fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(ConnectError{{fmt::format(format, std::forward<Args>(args)...)}});
}

Task<Connected> connect_to(Loop& loop, SocketAddress to, std::chrono::milliseconds within) {
  Descriptor fd(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid() && is_exhaustion(errno)) co_return std::unexpected(exhausted());
  if (!fd.valid()) co_return no_connection("no socket: {}", std::strerror(errno));
  int error = ::connect(fd.get(), to.raw(), to.size) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    Event<int> connected;
    Timer deadline(loop, [&connected] { connected.set(ETIMEDOUT); });
    deadline.start(within);
    Watcher watcher(loop, fd.get(), [&](unsigned /*readiness*/) { connected.set(outcome_of(fd.get())); });
    watcher.watch(Watcher::writable);
    error = co_await connected;
  }
  if (error != 0) co_return no_connection("{}: {}", address_of(to.storage).text(), std::strerror(error));
  co_return fd;
}

}  // namespace

Task<Connected> connect(Loop& loop, Executor& names, Endpoint to, std::chrono::milliseconds within) {
  auto resolver = std::make_unique<Resolver>(loop, names, to);
  Timer deadline(loop, [&] { resolver->answer().set(no_connection("{} cannot be resolved in time", to.host)); });
  deadline.start(within);
  const auto addresses = co_await resolver->answer();
  deadline.stop();
  loop.defer_delete(std::move(resolver));
  if (!addresses) co_return std::unexpected(addresses.error());

  Connected last = no_connection("{} has no address", to.host);
  for (const auto& address : *addresses) {
    last = co_await connect_to(loop, address, within);
    if (last) break;
  }
  co_return std::move(last);
}

}  // namespace bastion::loop
