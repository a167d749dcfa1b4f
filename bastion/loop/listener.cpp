#include "bastion/loop/listener.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/loop/socket_address.h"

namespace bastion::loop {
namespace {

constexpr int kBacklog = 512;
constexpr int kAcceptsPerTurn = 64;
constexpr std::chrono::milliseconds kOutOfDescriptors{200};

sockaddr_storage bound_to(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size);
  return bound;
}

bool listens(int socket) {
  int on = 0;
  socklen_t size = sizeof on;
  return ::getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &on, &size) == 0 && on != 0;
}

// To ask costs less than to try: accept(2) makes a socket first.
bool somebody_waits(int socket) {
  pollfd asked{.fd = socket, .events = POLLIN, .revents = 0};
  return ::poll(&asked, 1, 0) == 1;
}

Endpoint place_of(const sockaddr_storage& address) {
  if (address.ss_family == AF_UNIX) return {"127.0.0.1", 0};
  return address_of(address);
}

}  // namespace

bool Listener::is_possible(const Endpoint& address) {
  const auto where = socket_address_of(address);
  if (!where) return true;  // open() says what is wrong with it
  const Descriptor probe(::socket(where->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return probe.valid() || errno != EAFNOSUPPORT;
}

Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Endpoint& address, OnConnection on_connection) {
  const auto where = socket_address_of(address);
  if (!where) return fail("cannot listen on {}: not a numeric address", address.text());
  Descriptor fd(::socket(where->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (fd.valid()) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // 0.0.0.0 and [::] are two listeners, each of its own family.
    if (where->storage.ss_family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (!fd.valid() || ::bind(fd.get(), where->raw(), where->size) != 0 || ::listen(fd.get(), kBacklog) != 0) {
    return fail("cannot listen on {}: {}", address.text(), std::strerror(errno));
  }
  return adopt(loop, std::move(fd), std::move(on_connection));
}

std::unique_ptr<Listener> Listener::adopt(Loop& loop, Descriptor socket, OnConnection on_connection) {
  auto bound = place_of(bound_to(socket.get()));
  return std::unique_ptr<Listener>(new Listener(loop, std::move(socket), std::move(bound), std::move(on_connection)));
}

bool Listener::is_one(int socket) {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) return false;
  const auto family = bound_to(socket).ss_family;
  return listens(socket) && (family == AF_INET || family == AF_INET6 || family == AF_UNIX);
}

bool Listener::is_for(int socket, const Endpoint& address) {
  if (!listens(socket)) return false;
  const auto wanted = socket_address_of(address);
  const auto bound = bound_to(socket);
  if (!wanted || bound.ss_family != wanted->storage.ss_family) return false;
  auto here = address_of(bound);
  if (address.port == 0) here.port = 0;
  return here.text() == address_of(wanted->storage).text();
}

std::string Listener::text() const {
  const auto bound = bound_to(fd_.get());
  if (bound.ss_family != AF_UNIX) return bound_.text();
  sockaddr_un path{};
  std::memcpy(&path, &bound, sizeof path);
  path.sun_path[sizeof path.sun_path - 1] = '\0';
  return std::string("unix:") + static_cast<const char*>(path.sun_path);
}

Listener::Listener(Loop& loop, Descriptor fd, Endpoint bound, OnConnection on_connection)
    : fd_(std::move(fd)),
      bound_(std::move(bound)),
      on_connection_(std::move(on_connection)),
      watcher_(loop, fd_.get(), [this](unsigned /*readiness*/) { accept_waiting(); }),
      retry_(loop, [this] { watcher_.watch(Watcher::readable); }) {
  watcher_.watch(Watcher::readable);
}

void Listener::take_rest() {
  for (int turns = 0; turns <= kBacklog / kAcceptsPerTurn && somebody_waits(fd_.get()); ++turns) accept_waiting();
}

void Listener::accept_waiting() {
  for (int accepts = 0; accepts < kAcceptsPerTurn; ++accepts) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    Descriptor connection(
        ::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection.valid()) {
      on_connection_(std::move(connection), place_of(from));
      if (!somebody_waits(fd_.get())) return;
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // Accepting again at once would spin; those that wait stay in the kernel's queue.
      log::error("cannot accept a connection: {}", std::strerror(errno));
      watcher_.watch(Watcher::none);
      retry_.start(kOutOfDescriptors);
    }
    return;
  }
}

}  // namespace bastion::loop
