#include "bastion/server/acceptor.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/base/match.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/watcher.h"

namespace bastion::server {
namespace {

// A socket counts as readable only when so many bytes are there, or no more will come: nobody spins on those that are.
void be_readable_at(const loop::Descriptor& connection, std::size_t bytes) {
  const auto count = static_cast<int>(bytes);
  std::ignore = ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVLOWAT, &count, sizeof count);
}

}  // namespace

// A connection whose first bytes are looked at where they lie.
class Acceptor::Waiting {
 public:
  Waiting(Acceptor& acceptor, loop::Descriptor connection, Endpoint peer)
      : acceptor_(acceptor),
        peer_(std::move(peer)),
        connection_(std::move(connection)),
        watcher_(std::make_unique<loop::Watcher>(acceptor.loop_, connection_.get(),
                                                 [this](unsigned /*readiness*/) { look(); })),
        deadline_(acceptor.loop_, [this] { drop("it has not said in time where it comes from"); }) {
    deadline_.start(acceptor.limits_.timeout);
  }

  void wait_for(std::size_t bytes) {
    if (bytes <= wanted_ || bytes > AcceptStage::kMostBytes) return drop("the stage asks for what cannot come");
    wanted_ = bytes;
    be_readable_at(connection_, bytes);
    watcher_->watch(loop::Watcher::readable);
  }

 private:
  void look() {
    std::array<std::uint8_t, AcceptStage::kMostBytes> first{};
    const auto count = ::recv(connection_.get(), first.data(), first.size(), MSG_PEEK | MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count < 0) return leave(std::strerror(errno));
    if (static_cast<std::size_t>(count) < wanted_) return leave("it has ended before it said where it comes from");
    std::visit(Match{[&](const AcceptStage::Wait& wait) { wait_for(wait.bytes); },
                     [&](const AcceptStage::Pass& pass) { go_on(pass, first); },
                     [&](const AcceptStage::Drop& dropped) { drop(dropped.why); }},
               acceptor_.stage_->look(peer_, Bytes{first}.first(static_cast<std::size_t>(count))));
  }

  void go_on(const AcceptStage::Pass& pass, MutableBytes taken) {
    watcher_.reset();  // whoever gets the descriptor watches it
    std::ignore = ::recv(connection_.get(), taken.data(), std::min(pass.bytes, taken.size()), MSG_DONTWAIT);
    be_readable_at(connection_, 1);
    auto& acceptor = acceptor_;
    auto connection = std::move(connection_);
    acceptor.over(*this);
    acceptor.events_.on_accepted(std::move(connection), pass);
  }

  void drop(std::string_view why) {
    acceptor_.drop(peer_, why);
    acceptor_.over(*this);
  }
  void leave(std::string_view why) {
    log::debug("left from={} reason={:?}", peer_.text(), why);
    acceptor_.over(*this);
  }

  Acceptor& acceptor_;
  Endpoint peer_;
  std::size_t wanted_ = 0;
  loop::Descriptor connection_;
  std::unique_ptr<loop::Watcher> watcher_;
  loop::Timer deadline_;
};

Acceptor::Acceptor(loop::Loop& loop, AcceptStage* stage, const Limits& limits, Events events)
    : loop_(loop), stage_(stage), limits_(limits), events_(std::move(events)) {}

Acceptor::~Acceptor() = default;

void Acceptor::take(loop::Descriptor connection, const Endpoint& peer) {
  if (stage_ == nullptr) return events_.on_accepted(std::move(connection), {.from = peer});
  std::visit(Match{[&](const AcceptStage::Wait& wait) {
                     if (waiting_.size() >= limits_.waiting) return drop(peer, "too many wait to be looked at");
                     waiting_.push_back(std::make_unique<Waiting>(*this, std::move(connection), peer));
                     waiting_.back()->wait_for(wait.bytes);
                   },
                   [&](const AcceptStage::Pass& pass) { events_.on_accepted(std::move(connection), pass); },
                   [&](const AcceptStage::Drop& dropped) { drop(peer, dropped.why); }},
             stage_->look(peer, {}));
}

void Acceptor::drop(const Endpoint& peer, std::string_view why) {
  log::debug("turned away from={} reason={:?}", peer.text(), why);
  events_.on_dropped(peer);
}

void Acceptor::over(const Waiting& waiting) {
  const auto found = std::ranges::find(waiting_, &waiting, &std::unique_ptr<Waiting>::get);
  if (found == waiting_.end()) return;
  loop_.defer_delete(std::move(*found));
  waiting_.erase(found);
}

}  // namespace bastion::server
