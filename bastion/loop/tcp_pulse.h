// Notices that the peer of a TCP connection is gone without a word. The peer's kernel is asked, not its program: one
// that is suspended, or does not read for hours, is alive.
//
// An idle connection is asked by the kernel's own keepalive. That says nothing while something is on its way: then only
// retransmissions speak, and the kernel would go on with them for a quarter of an hour. (TCP_USER_TIMEOUT is no help:
// since Linux 5.11 it also ends the peer that answers every probe of its closed window.) So while something is on its
// way, and only then, TCP_INFO is looked at once an interval.
#pragma once

#include <chrono>
#include <functional>

#include "bastion/base/byte_stream.h"
#include "bastion/loop/timer.h"

namespace bastion::loop {

// How long a peer may be silent. It counts as gone after `interval` * (`count` + 1), and is noticed an interval later
// at the latest. One that had closed its window takes as long as the kernel leaves between two probes of it: up to
// minutes, when it had been closed for minutes.
struct TcpTimeout {
  std::chrono::seconds interval{10};
  int count = 3;
  // Whether a peer that says no more may still listen. If not, and nobody reads what it said before its end, it counts
  // as gone after the same time.
  bool half_closes = true;
};

class TcpPulse {
 public:
  // Turns the kernel's keepalive on. `paused` is true while nobody reads from the connection, and so cannot see its
  // end. `fd` stays the caller's; `on_gone` is called once, with an errno, and may destroy the pulse.
  TcpPulse(Loop& loop, int fd, const TcpTimeout& timeout, std::function<bool()> paused,
           std::function<void(int error)> on_gone);

  // Something is on its way, or nobody reads any more: looks at the connection until neither is so. Costs nothing when
  // it does already.
  void watch() {
    if (!watching_) look_later();
  }
  void stop();
  // Looks now.
  [[nodiscard]] ByteStream::Delivery delivery() const;

 private:
  void look_later();
  void look();
  [[nodiscard]] int outcome();
  [[nodiscard]] bool left_unread(int state);
  [[nodiscard]] bool busy() const;

  int fd_;
  TcpTimeout timeout_;
  std::function<bool()> paused_;
  std::function<void(int)> on_gone_;
  bool watching_ = false;
  int unread_ = 0;           // bytes, when we last looked after its end
  int looks_at_unread_ = 0;  // since its end was there, and nothing was read
  Timer timer_;
};

}  // namespace bastion::loop
