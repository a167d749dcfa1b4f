#include "bastion/server/tarpit.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "bastion/loop/loop.h"

namespace bastion::server {
namespace {

// They go in groups, and so come again in groups: to wake up for each would be most of what a flood costs.
constexpr std::chrono::milliseconds kTogether{100};

constexpr rlim_t kShare = 16;
constexpr rlim_t kFewest = 16;
constexpr rlim_t kMost = 4096;

}  // namespace

void refuse(loop::Descriptor connection) {
  constexpr std::string_view kSentence = "Not allowed at this time\r\n";
  // What it has said is taken and thrown away: a connection that is closed with something unread is reset, and the
  // sentence may be lost with it.
  constexpr std::size_t kMuch = std::size_t{64} * 1024;
  std::ignore = ::recv(connection.get(), nullptr, kMuch, MSG_TRUNC | MSG_DONTWAIT);
  std::ignore = ::send(connection.get(), kSentence.data(), kSentence.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

std::size_t Tarpit::usual_size() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kFewest;
  return static_cast<std::size_t>(std::clamp(limit.rlim_cur / kShare, kFewest, kMost));
}

void Tarpit::take(loop::Descriptor connection) {
  if (held_.size() >= size_ && !held_.empty()) {
    refuse(std::move(held_.front().connection));
    held_.pop_front();
  }
  if (held_.empty()) due_.start(kHold);
  held_.push_back({loop_.now() + kHold, std::move(connection)});
}

void Tarpit::let_go() {
  const auto now = loop_.now();
  while (!held_.empty() && held_.front().until <= now) {
    refuse(std::move(held_.front().connection));
    held_.pop_front();
  }
  if (!held_.empty()) due_.start(std::max(held_.front().until - now, kTogether));
}

}  // namespace bastion::server
