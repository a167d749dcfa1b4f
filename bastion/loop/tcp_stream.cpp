#include "bastion/loop/tcp_stream.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "bastion/base/contained.h"

namespace bastion::loop {
namespace {

// What the kernel holds and has not sent is in nobody's hands: the rest is kept here, where its order can be chosen.
constexpr int kUnsentInKernel = 64 * 1024;

void set_option(int fd, int option, int value) {
  // Advisory: a connection without it still works.
  std::ignore = ::setsockopt(fd, IPPROTO_TCP, option, &value, sizeof value);
}

}  // namespace

TcpStream::TcpStream(Loop& loop, Descriptor fd, const TcpTimeout& timeout)
    : loop_(loop),
      fd_(std::move(fd)),
      watcher_(loop, fd_.get(), [this](unsigned readiness) { on_ready(readiness); }),
      pulse_(loop, fd_.get(), timeout, [this] { return paused_; }, [this](int error) { lose(error); }) {
  set_option(fd_.get(), TCP_NODELAY, 1);
  set_option(fd_.get(), TCP_NOTSENT_LOWAT, kUnsentInKernel);
}

TcpStream::~TcpStream() {
  reader_ = nullptr;
  if (!lost_) flush();
  loop_.forget_turn_end(*this);
  loop_.forget_bulk_turn(*this);
}

void TcpStream::read_to(Reader* reader) {
  reader_ = reader;
  watch();
}

MutableBytes TcpStream::prepare(std::size_t size) {
  if (lost_) return {};
  return unsent_.prepare(size);
}

void TcpStream::commit(std::size_t size) {
  unsent_.commit(size);
  above_high_water_ |= unsent_.size() > kHighWater;
  pulse_.watch();
  if (!blocked_) loop_.want_turn_end(*this);
}

void TcpStream::end() {
  if (lost_) return;
  ending_ = true;
  if (!blocked_) loop_.want_turn_end(*this);
}

void TcpStream::pause() {
  paused_ = true;
  if (!lost_) pulse_.watch();
  watch();
}

void TcpStream::resume() {
  paused_ = false;
  watch();
}

TcpStream::Released TcpStream::release() {
  reader_ = nullptr;
  if (!lost_) flush();
  ByteVector unsent(unsent_.front().begin(), unsent_.front().end());
  lost_ = true;
  return {.connection = std::move(fd_), .unsent = std::move(unsent)};
}

void TcpStream::watch() {
  const unsigned reading = !lost_ && !heard_eof_ && !paused_ && reader_ != nullptr ? Watcher::readable : Watcher::none;
  watcher_.watch(reading | (blocked_ ? Watcher::writable : Watcher::none));
}

void TcpStream::on_ready(unsigned readiness) {
  keep_or_lose([&] {
    if ((readiness & Watcher::writable) != 0 && blocked_) {
      blocked_ = false;
      flush();
    }
    if ((readiness & Watcher::readable) == 0) return;
    if (busy_) return loop_.want_bulk_turn(*this);
    read();
  });
}

void TcpStream::at_bulk_turn() {
  keep_or_lose([&] { read(); });
}

// What arrives is the peer's doing: if nobody expected it, it is that peer's connection that breaks.
template <typename Work>
void TcpStream::keep_or_lose(Work work) {
  if (!contained("a connection", work) && !lost_) lose(ECONNABORTED);
}

void TcpStream::read() {
  if (paused_ || lost_ || heard_eof_ || reader_ == nullptr) return;
  auto space = reader_->space(kReadPerTurn);
  if (space.empty()) space = loop_.scratch().first(kReadPerTurn);
  const auto size = ::recv(fd_.get(), space.data(), space.size(), 0);
  busy_ = static_cast<std::size_t>(size) == space.size();
  if (size == 0) {
    heard_eof_ = true;
    watch();
    return reader_->on_eof();
  }
  if (size < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    return lose(errno);
  }
  if (static_cast<std::size_t>(size) < space.size()) acknowledge();
  reader_->on_bytes(space.first(static_cast<std::size_t>(size)));
}

// A sender that follows Nagle (an sshd does, without a terminal) holds its next small packet back until the last one is
// acknowledged, and we may have nothing to say that would carry the acknowledgement. The kernel waits for that only
// where we have sent something; told once, it acknowledges what is small at once until we send again.
void TcpStream::acknowledge() {
  if (std::exchange(lingers_, false)) set_option(fd_.get(), TCP_QUICKACK, 1);
}

void TcpStream::flush() {
  while (!lost_ && !blocked_ && !unsent_.empty()) {
    const auto size = ::send(fd_.get(), unsent_.front().data(), unsent_.size(), MSG_NOSIGNAL);
    if (size >= 0) {
      lingers_ = true;
      unsent_.take(static_cast<std::size_t>(size));
    } else if (errno == EAGAIN) {
      blocked_ = true;
    } else if (errno != EINTR) {
      return lose(errno);
    }
  }
  watch();
  if (lost_ || (ending_ && !unsent_.empty())) return;
  const bool ended = std::exchange(ending_, false);
  if (ended) ::shutdown(fd_.get(), SHUT_WR);
  if (ended || (above_high_water_ && unsent_.size() <= kLowWater)) {
    above_high_water_ = false;
    if (reader_ != nullptr) reader_->on_drained();
  }
}

void TcpStream::lose(int error) {
  lost_ = true;
  blocked_ = false;
  pulse_.stop();
  unsent_.clear();
  watch();
  if (reader_ == nullptr) return;
  std::exchange(reader_, nullptr)->on_lost(Error{fmt::format("the connection broke: {}", std::strerror(error))});
}

}  // namespace bastion::loop
