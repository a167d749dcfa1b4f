#include "bastion/upstream/chain.h"

#include <utility>

#include "bastion/loop/connector.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_stream.h"

namespace bastion::upstream {
namespace {

// How many hops in a row may be found dead before a session gives up.
constexpr int kTries = 3;

Task<std::expected<Reached, End>> connect(const Credentials& credentials, Endpoint to, End unreachable) {
  auto socket = co_await loop::connect(credentials.loop, credentials.names, to, credentials.within);
  if (!socket) {
    unreachable.detail = socket.error().text;
    co_return std::unexpected(std::move(unreachable));
  }
  co_return Reached{std::make_unique<loop::TcpStream>(credentials.loop, *std::move(socket), credentials.timeout),
                    nullptr};
}

// What the peer says to the opening, as long as the hop itself is in no doubt.
Task<Result<>> answer(const Credentials& credentials, HopConnection& hop, connection::LocalChannel& channel) {
  loop::Timer doubt(credentials.loop, [&] {
    if (hop.suspect()) channel.opened().set(fail("it does not answer"));
  });
  loop::Timer deadline(credentials.loop,
                       [&] { channel.opened().set(fail("no answer within {} s", credentials.within.count())); });
  doubt.start(HopConnection::kDoubtAfter);
  deadline.start(credentials.within);
  co_return co_await channel.opened();
}

}  // namespace

Task<std::expected<Through, NotThrough>> open_through(const Credentials& credentials, HopPool& hops,
                                                      std::vector<access::Hop> way, Opening opening) {
  for (int tries = 1;; ++tries) {
    const auto reached = co_await hops.reach(way);
    if (!reached) co_return std::unexpected(NotThrough{.end = reached.error()});
    auto& hop = **reached;
    auto channel = opening(hop);
    const auto opened = co_await answer(credentials, hop, *channel);
    if (opened) co_return Through{std::move(channel), &hop};

    credentials.loop.defer_delete(std::move(channel));
    NotThrough refused{.why = opened.error().text};
    if (hop.lost() || hop.suspect()) {
      if (tries < kTries) continue;
      refused.end = {Reason::backend_unreachable, hop.lost_at(), refused.why};
    }
    co_return std::unexpected(std::move(refused));
  }
}

Task<std::expected<Reached, End>> reach(const Credentials& credentials, HopPool& hops, std::vector<access::Hop> way,
                                        Endpoint to, End unreachable) {
  if (way.empty()) co_return co_await connect(credentials, std::move(to), std::move(unreachable));
  const Opening opening = [to = std::move(to)](HopConnection& hop) { return hop.open(to); };
  auto through = co_await open_through(credentials, hops, std::move(way), opening);
  if (through) co_return Reached{std::move(through->channel), through->hop};
  if (through.error().end) co_return std::unexpected(*std::move(through.error().end));
  unreachable.detail = std::move(through.error().why);
  co_return std::unexpected(std::move(unreachable));
}

}  // namespace bastion::upstream
