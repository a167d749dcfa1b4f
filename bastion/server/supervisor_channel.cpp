#include "bastion/server/supervisor_channel.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <tuple>
#include <utility>

#include "bastion/signer/packet.h"

namespace bastion::server {
namespace {

constexpr int kSocket = STDIN_FILENO;
// Of an error; whoever reads it reads one line.
constexpr std::size_t kLongestText = 4096;

}  // namespace

Result<SupervisorChannel::Beginning> SupervisorChannel::receive_beginning() {
  Beginning beginning;
  for (;;) {
    auto packet = signer::receive_packet(kSocket);
    if (!packet) return fail("this is started by `bastion serve`, and by nobody else: {}", packet.error().text);
    if (!*packet) return fail("the supervisor has ended");
    auto order = parse_order((*packet)->message);
    if (!order) continue;
    if (order->kind == Order::listener && (*packet)->descriptor.valid()) {
      beginning.listeners.push_back(std::move((*packet)->descriptor));
    }
    if (order->kind == Order::activated && (*packet)->descriptor.valid()) {
      beginning.activated.push_back(std::move((*packet)->descriptor));
    }
    if (order->kind != Order::begin) continue;
    beginning.state_dir = std::move(order->text);
    ::fcntl(kSocket, F_SETFL, O_NONBLOCK);
    return beginning;
  }
}

void SupervisorChannel::tell(Report report, std::string_view text) {
  std::ignore = signer::send_packet(kSocket, encode(report, text.substr(0, kLongestText)));
}

void SupervisorChannel::tell_ready(const Ready& ready, const std::vector<int>& listeners) {
  for (const int listener : listeners) std::ignore = signer::send_packet(kSocket, encode(Report::listener), listener);
  tell(Report::ready, format_ready(ready));
}

SupervisorChannel::SupervisorChannel(loop::Loop& loop, std::function<void(const Message<Order>& order)> on_order,
                                     std::function<void()> on_lost)
    : on_order_(std::move(on_order)),
      on_lost_(std::move(on_lost)),
      watcher_(loop, kSocket, [this](unsigned) { receive(); }) {
  watcher_.watch(loop::Watcher::readable);
}

// One of them: what it says may be the last that is heard.
void SupervisorChannel::receive() {
  errno = 0;
  const auto packet = signer::receive_packet(kSocket);
  if (!packet && errno == EAGAIN) return;
  if (!packet || !*packet) {
    watcher_.watch(loop::Watcher::none);
    return on_lost_();
  }
  if (const auto order = parse_order((*packet)->message)) on_order_(*order);
}

}  // namespace bastion::server
