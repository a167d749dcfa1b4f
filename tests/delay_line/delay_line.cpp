// A long line between two network interfaces, for kernels without netem: what comes in at one leaves at the other one
// after a delay, unless it is lost. Offloads of both, and of what is plugged into them, must be off.
//
//   delay_line NEAR FAR SEED      prints "ready", then obeys lines of standard input until that ends:
//     delay MICROSECONDS          one way
//     loss PART                   from 0 to 1
//     largest BYTES               of a frame that passes
//   and answers each with "ok". What is already on its way is not concerned.

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <tuple>

#include "direction.h"

namespace delay_line {
namespace {

constexpr std::size_t kBatch = 64;
constexpr int kBuffer = 64 * 1024 * 1024;

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "delay_line: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

Time now() { return std::chrono::steady_clock::now().time_since_epoch(); }

void set_option(int fd, int level, int option, int value) {
  if (::setsockopt(fd, level, option, &value, sizeof value) != 0) give_up("setsockopt");
}

// Every frame that comes in at an interface, and the way out there.
class Port {
 public:
  explicit Port(const char* interface) : fd_(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0)) {
    if (fd_ < 0) give_up("socket");
    sockaddr_ll place{};
    place.sll_family = AF_PACKET;
    place.sll_protocol = htons(ETH_P_ALL);
    place.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
    packet_mreq everybody{};
    everybody.mr_ifindex = place.sll_ifindex;
    everybody.mr_type = PACKET_MR_PROMISC;
    set_option(fd_, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
    set_option(fd_, SOL_PACKET, PACKET_QDISC_BYPASS, 1);
    set_option(fd_, SOL_SOCKET, SO_RCVBUFFORCE, kBuffer);
    set_option(fd_, SOL_SOCKET, SO_SNDBUFFORCE, kBuffer);
    if (::setsockopt(fd_, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &everybody, sizeof everybody) != 0 ||
        ::bind(fd_, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) {
      give_up(interface);
    }
  }
  ~Port() { ::close(fd_); }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  [[nodiscard]] int fd() const { return fd_; }

  void read_into(Direction& direction) {
    for (;;) {
      for (std::size_t at = 0; at < kBatch; ++at) {
        if (!blank_[at]) blank_[at] = direction.blank();
        pieces_[at] = {blank_[at]->bytes.data(), blank_[at]->bytes.size()};
        messages_[at] = {};
        messages_[at].msg_hdr.msg_iov = &pieces_[at];
        messages_[at].msg_hdr.msg_iovlen = 1;
      }
      const int count = ::recvmmsg(fd_, messages_.data(), kBatch, 0, nullptr);
      if (count <= 0) return;
      const auto came = now();
      for (std::size_t at = 0; at < static_cast<std::size_t>(count); ++at) {
        blank_[at]->size = messages_[at].msg_len;
        direction.came(std::move(blank_[at]), came);
      }
      if (static_cast<std::size_t>(count) < kBatch) return;
    }
  }

  // What the interface does not take now is tried again a little later.
  void write_from(Direction& direction) {
    for (;;) {
      const auto until = now();
      unsigned count = 0;
      for (; count < kBatch; ++count) {
        const auto* const frame = direction.due(count, until);
        if (frame == nullptr) break;
        pieces_[count] = {const_cast<std::uint8_t*>(frame->bytes.data()), frame->size};
        messages_[count] = {};
        messages_[count].msg_hdr.msg_iov = &pieces_[count];
        messages_[count].msg_hdr.msg_iovlen = 1;
      }
      if (count == 0) return;
      const int sent = ::sendmmsg(fd_, messages_.data(), count, 0);
      if (sent <= 0) {
        if (errno == EAGAIN || errno == ENOBUFS) return;
        direction.left(1);  // the interface is down, or does not take this one
        continue;
      }
      direction.left(static_cast<std::size_t>(sent));
    }
  }

 private:
  int fd_;
  std::array<std::unique_ptr<Frame>, kBatch> blank_;
  std::array<iovec, kBatch> pieces_{};
  std::array<mmsghdr, kBatch> messages_{};
};

bool obey(const std::string& line, Rules& rules) {
  std::istringstream words(line);
  std::string name;
  double value = -1;
  if (!(words >> name >> value) || value < 0) return false;
  if (name == "delay") {
    rules.delay = std::chrono::microseconds(static_cast<std::int64_t>(value));
  } else if (name == "loss") {
    rules.loss = value;
  } else if (name == "largest") {
    rules.largest = static_cast<std::size_t>(value);
  } else {
    return false;
  }
  return true;
}

// Standard input: whole lines are obeyed. False at its end.
class Orders {
 public:
  bool read(Rules& rules) {
    std::array<char, 256> buffer{};
    const auto size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (size <= 0) return false;
    text_.append(buffer.data(), static_cast<std::size_t>(size));
    for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      std::puts(obey(text_.substr(0, end), rules) ? "ok" : "not understood");
      std::fflush(stdout);
      text_.erase(0, end + 1);
    }
    return true;
  }

 private:
  std::string text_;
};

timespec wait_until(Time next) {
  const auto wait = std::clamp(next - now(), Time(0), Time(std::chrono::seconds(1)));
  return {.tv_sec = static_cast<time_t>(wait.count() / 1'000'000'000), .tv_nsec = wait.count() % 1'000'000'000};
}

void run(Port& near, Port& far, std::uint64_t seed) {
  Direction outward(seed);
  Direction inward(seed + 1);
  Rules rules;
  Orders orders;
  std::array<pollfd, 3> ready{{{near.fd(), POLLIN, 0}, {far.fd(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}}};
  for (;;) {
    const auto wait = wait_until(std::min(outward.next(), inward.next()));
    if (::ppoll(ready.data(), ready.size(), &wait, nullptr) < 0 && errno != EINTR) give_up("ppoll");
    if (ready[2].revents != 0) {
      if (!orders.read(rules)) return;
      outward.apply(rules);
      inward.apply(rules);
    }
    near.read_into(outward);
    far.read_into(inward);
    far.write_from(outward);
    near.write_from(inward);
  }
}

}  // namespace
}  // namespace delay_line

int main(int count, char** words) {
  if (count != 4) {
    std::fprintf(stderr, "usage: delay_line NEAR FAR SEED\n");
    return 2;
  }
  delay_line::Port near(words[1]);
  delay_line::Port far(words[2]);
  std::puts("ready");
  std::fflush(stdout);
  delay_line::run(near, far, std::strtoull(words[3], nullptr, 10));
}
