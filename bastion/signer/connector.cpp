#include "bastion/signer/connector.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <tuple>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/wire_format.h"
#include "bastion/loop/local_listener.h"
#include "bastion/signer/confinement.h"
#include "bastion/signer/packet.h"
#include "bastion/signer/sanitizer.h"

namespace bastion::signer {
namespace {

constexpr std::chrono::milliseconds kToConnect{1000};
constexpr int kQuestions = STDIN_FILENO;

// Nothing that was open before is open here.
void keep_only(int socket) {
  if (::dup2(socket, kQuestions) != kQuestions) std::_Exit(1);
  std::ignore = ::close_range(STDERR_FILENO + 1, ~0U, 0);
}

void confine_connector() {
  keep_memory_private();
  if (BASTION_HAS_SANITIZER) return;
  for (const auto& done : {leave_files({}), allow_only(Calls::connecting)}) {
    if (!done) log::error("the process that connects to other processes has more than it needs: {}", done.error().text);
  }
}

void answer_connections(const Connector::Connect& connect) {
  for (;;) {
    const auto packet = receive_packet(kQuestions);
    if (!packet || !*packet) return;
    WireReader in((*packet)->message);
    const auto id = in.u32();
    const std::string name{in.text()};
    if (!in.at_end()) return;
    const auto made = contained("a connection", [&] { return connect(name); });
    WireWriter out;
    out.u32(id).string(made ? std::string_view{} : std::string_view(made.error().text));
    if (!send_packet(kQuestions, out.view(), made ? made->get() : -1)) return;
  }
}

bool is_ours(uid_t owner) { return owner == 0 || owner == ::geteuid(); }

std::unexpected<Error> not_ours(std::string_view what, uid_t owner) {
  return fail("{} belongs to the account {}, and has to be root's or this one's ({})", what, owner, ::geteuid());
}

// Whoever asks knows which socket that was.
Result<loop::Descriptor> connect_to_agent(const std::filesystem::path& socket) {
  struct stat status{};
  if (::stat(socket.c_str(), &status) != 0) return fail("{}", std::strerror(errno));
  if (!is_ours(status.st_uid)) return not_ours("the socket", status.st_uid);
  auto connection = loop::connect_local(socket, kToConnect);
  if (!connection) {
    auto& why = connection.error().text;
    if (const auto path = socket.string() + ": "; why.starts_with(path)) why.erase(0, path.size());
    return connection;
  }
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(connection->get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return fail("{}", std::strerror(errno));
  }
  if (!is_ours(peer.uid)) return not_ours("who listens there", peer.uid);
  return connection;
}

Result<loop::Descriptor> connect_within(int folder, const std::string& name) {
  if (name.empty() || name.contains('/') || name.starts_with('.')) return fail("this is no name of a socket");
  const loop::Descriptor found(::openat(folder, name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat status{};
  if (!found.valid() || ::fstat(found.get(), &status) != 0) return fail("{}: {}", name, std::strerror(errno));
  if (!S_ISSOCK(status.st_mode)) return fail("{}: this is no socket", name);
  auto connection = loop::connect_local("/proc/self/fd/" + std::to_string(found.get()), kToConnect);
  if (!connection) return fail("{}: it cannot be connected to: {}", name, connection.error().text);
  return connection;
}

}  // namespace

Connector::Connector(pid_t process, loop::Descriptor alive, loop::Descriptor socket)
    : process_(process), alive_(std::move(alive)), socket_(std::move(socket)) {
  loop::set_patience(socket_, kPatience);
}

Connector::~Connector() {
  socket_ = loop::Descriptor();
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Result<std::unique_ptr<Connector>> Connector::start(const std::function<Connect()>& prepare) {
  auto sockets = make_socket_pair();
  if (!sockets) return std::unexpected(sockets.error());
  const auto process = ::fork();
  if (process < 0) return fail("cannot start a process: {}", std::strerror(errno));
  if (process == 0) {
    // A signal to all of a service is for the one that serves.
    for (const int number : {SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM}) std::signal(number, SIG_IGN);
    keep_only(sockets->theirs.get());
    const auto connect = prepare();
    confine_connector();
    answer_connections(connect);
    std::_Exit(0);
  }
  sockets->theirs = loop::Descriptor();
  loop::Descriptor alive(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
  const int why = errno;
  auto connector = std::unique_ptr<Connector>(new Connector(process, std::move(alive), std::move(sockets->ours)));
  if (!connector->alive_.valid()) return fail("cannot watch a process: {}", std::strerror(why));
  return connector;
}

Result<loop::Descriptor> Connector::connect(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto gone = [](std::string_view why) { return fail("the process that connects: {}", why); };
  const auto id = ++last_id_;
  WireWriter out;
  if (auto sent = send_packet(socket_.get(), out.u32(id).string(name).view()); !sent) return gone(sent.error().text);
  for (;;) {
    auto packet = receive_packet(socket_.get());
    if (!packet) return gone(packet.error().text);
    if (!*packet) return gone("it has ended");
    WireReader in((*packet)->message);
    const auto answered = in.u32();
    const std::string why{in.text()};
    if (!in.at_end()) return gone("this is no answer");
    if (answered != id) continue;  // what nobody waited for any longer
    if (!why.empty()) return fail("{}", why);
    if (!(*packet)->descriptor.valid()) return gone("there is no connection in its answer");
    return std::move((*packet)->descriptor);
  }
}

Connector::Connect connects_to_agent(const std::filesystem::path& socket) {
  return [socket](std::string_view /*name*/) { return connect_to_agent(socket); };
}

Connector::Connect connects_within(const std::filesystem::path& folder) {
  const int opened = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  return [opened](std::string_view name) { return connect_within(opened, std::string(name)); };
}

}  // namespace bastion::signer
