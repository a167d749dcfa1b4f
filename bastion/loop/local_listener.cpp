#include "bastion/loop/local_listener.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "bastion/base/log.h"

namespace bastion::loop {
namespace {

constexpr int kLocalBacklog = 16;

Result<sockaddr_un> address_of(const std::filesystem::path& file) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto& name = file.native();
  if (name.size() >= sizeof address.sun_path) {
    return fail("the path is too long for a unix socket");
  }
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  return address;
}

// No longer than the name that it gets.
std::filesystem::path name_while_made(const std::filesystem::path& file) {
  auto name = file.filename().string();
  name.back() = name.back() == '~' ? '_' : '~';
  return file.parent_path() / name;
}

const sockaddr* raw(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

ino_t inode_of(const std::filesystem::path& file) {
  struct stat status{};
  return ::lstat(file.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

Result<std::unique_ptr<LocalListener>> LocalListener::open(Loop& loop, const std::filesystem::path& file,
                                                           OnConnection on_connection, For whom) {
  const mode_t mode = whom == For::owner ? 0600 : 0660;
  const auto made = name_while_made(file);
  const auto address = address_of(made);
  if (!address) return fail("{}: {}", file.string(), address.error().text);
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  ::unlink(made.c_str());
  // Who connects meanwhile finds the one before.
  if (!fd.valid() || ::bind(fd.get(), raw(*address), sizeof *address) != 0 || ::chmod(made.c_str(), mode) != 0 ||
      ::listen(fd.get(), kLocalBacklog) != 0 || ::rename(made.c_str(), file.c_str()) != 0) {
    return fail("cannot listen on {}: {}", file.string(), std::strerror(errno));
  }
  return std::unique_ptr<LocalListener>(new LocalListener(loop, std::move(fd), file, std::move(on_connection)));
}

LocalListener::LocalListener(Loop& loop, Descriptor fd, std::filesystem::path file, OnConnection on_connection)
    : fd_(std::move(fd)),
      file_(std::move(file)),
      inode_(inode_of(file_)),
      on_connection_(std::move(on_connection)),
      watcher_(loop, fd_.get(), [this](unsigned /*readiness*/) { accept_waiting(); }) {
  watcher_.watch(Watcher::readable);
}

LocalListener::~LocalListener() {
  if (inode_of(file_) == inode_) ::unlink(file_.c_str());
}

void LocalListener::accept_waiting() {
  Descriptor connection(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (connection.valid()) return on_connection_(std::move(connection));
  if (errno != EAGAIN && errno != EINTR) log::error("{}: {}", file_.string(), std::strerror(errno));
}

void set_patience(const Descriptor& socket, std::chrono::milliseconds patience) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
  const timeval time{.tv_sec = seconds.count(),
                     .tv_usec = std::chrono::duration_cast<std::chrono::microseconds>(patience - seconds).count()};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO})
    ::setsockopt(socket.get(), SOL_SOCKET, option, &time, sizeof time);
}

std::expected<Descriptor, NotConnected> connect_local_at_once(const std::filesystem::path& file) {
  const auto address = address_of(file);
  if (!address) return std::unexpected(NotConnected{.why = address.error().text});
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid() || ::connect(fd.get(), raw(*address), sizeof *address) != 0) {
    return std::unexpected(NotConnected{.why = std::strerror(errno), .nobody_listens = errno == ECONNREFUSED});
  }
  return fd;
}

Result<Descriptor> connect_local(const std::filesystem::path& file, std::chrono::milliseconds patience) {
  const auto address = address_of(file);
  if (!address) return fail("{}: {}", file.string(), address.error().text);
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.valid()) set_patience(fd, patience);
  if (!fd.valid() || ::connect(fd.get(), raw(*address), sizeof *address) != 0) {
    return fail("{}: {}", file.string(), std::strerror(errno));
  }
  return fd;
}

}  // namespace bastion::loop
