#include "bastion/loop/tcp_pulse.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

namespace bastion::loop {
namespace {

// Retransmissions, or probes of a closed window, that stay unanswered. One may be on its way just now.
constexpr int kUnanswered = 2;
// Retransmissions after which what is sent again is not just late. With Linux's shortest timeout it takes 1.4 s.
constexpr int kStandsStill = 3;

void set_option(int fd, int level, int option, int value) {
  // Advisory: a connection without it still works.
  std::ignore = ::setsockopt(fd, level, option, &value, sizeof value);
}

// Nothing: it is not TCP.
std::optional<tcp_info> info_of(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  return info;
}

}  // namespace

TcpPulse::TcpPulse(Loop& loop, int fd, const TcpTimeout& timeout, std::function<bool()> paused,
                   std::function<void(int)> on_gone)
    : fd_(fd), timeout_(timeout), paused_(std::move(paused)), on_gone_(std::move(on_gone)), timer_(loop, [this] {
        look();
      }) {
  const auto interval = static_cast<int>(timeout.interval.count());
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, interval);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, timeout.count);
}

void TcpPulse::look_later() {
  watching_ = true;
  timer_.start(timeout_.interval);
}

void TcpPulse::stop() {
  watching_ = false;
  timer_.stop();
}

void TcpPulse::look() {
  watching_ = false;
  if (const int error = outcome(); error != 0) {
    // Nor shall the kernel try any longer when the descriptor is closed.
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    std::ignore = ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    const auto on_gone = on_gone_;  // a copy, because it may destroy us
    return on_gone(error);
  }
  if (busy()) look_later();
}

// What the connection has come to: 0 while it lives, else an errno.
int TcpPulse::outcome() {
  const auto info = info_of(fd_);
  if (!info) return 0;  // somebody else has to notice
  if (info->tcpi_state == TCP_CLOSE) {
    int error = 0;
    socklen_t error_size = sizeof error;
    std::ignore = ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &error_size);
    return error != 0 ? error : ECONNRESET;
  }
  if (left_unread(info->tcpi_state)) return ECONNRESET;
  const std::chrono::milliseconds silence{info->tcpi_last_ack_recv};
  const bool asked = info->tcpi_retransmits >= kUnanswered || info->tcpi_probes >= kUnanswered;
  return asked && silence >= timeout_.interval * (timeout_.count + 1) ? ETIMEDOUT : 0;
}

// A timeout doubles with each retransmission, so all of them together took nearly as long as the next one will.
// Whatever was heard within half of that, or acknowledged out of order, has come through meanwhile. (Data that brings
// no new acknowledgement counts only as data.)
ByteStream::Delivery TcpPulse::delivery() const {
  const auto info = info_of(fd_);
  if (!info || info->tcpi_retransmits < kStandsStill) return ByteStream::Delivery::flows;
  const std::chrono::milliseconds silence{std::min(info->tcpi_last_ack_recv, info->tcpi_last_data_recv)};
  const bool heard = silence < std::chrono::microseconds{info->tcpi_rto / 2};
  return heard || info->tcpi_sacked > 0 ? ByteStream::Delivery::only_small : ByteStream::Delivery::stands_still;
}

bool TcpPulse::left_unread(int state) {
  if (timeout_.half_closes || state != TCP_CLOSE_WAIT || !paused_()) {
    looks_at_unread_ = 0;
    return false;
  }
  int unread = 0;
  std::ignore = ::ioctl(fd_, FIONREAD, &unread);
  if (std::exchange(unread_, unread) != unread) looks_at_unread_ = 0;
  return ++looks_at_unread_ > timeout_.count;
}

bool TcpPulse::busy() const {
  int on_its_way = 0;
  std::ignore = ::ioctl(fd_, TIOCOUTQ, &on_its_way);
  return on_its_way > 0 || paused_();
}

}  // namespace bastion::loop
