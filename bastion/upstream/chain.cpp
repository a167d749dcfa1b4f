#include "bastion/upstream/chain.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/base/log.h"
#include "bastion/base/printable.h"
#include "bastion/loop/connector.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_stream.h"

namespace bastion::upstream {
namespace {

using connection::LocalChannel;

// How many hops in a row may be found dead before a session gives up.
constexpr int kTries = 3;
// And how many may have as many sessions as they open: those who wait for one all ask at once.
constexpr std::size_t kTriesForSession = 2 * kMostHopsForSessions;
// Of what a hop says when it refuses.
constexpr std::size_t kLongestWords = 200;

Task<std::expected<Reached, End>> connect(const Credentials& credentials, Endpoint to, End unreachable) {
  auto socket = co_await loop::connect(credentials.loop, credentials.names, to, credentials.within);
  if (!socket) {
    if (socket.error().is_exhausted) unreachable = {Reason::bastion_exhausted, {}, {}};
    unreachable.detail = socket.error().text;
    co_return std::unexpected(std::move(unreachable));
  }
  co_return Reached{std::make_unique<loop::TcpStream>(credentials.loop, *std::move(socket), credentials.timeout),
                    nullptr};
}

// What the peer says to the opening, as long as the hop itself is in no doubt.
Task<std::expected<void, LocalChannel::NotOpened>> answer(const Credentials& credentials, HopConnection& hop,
                                                          LocalChannel& channel) {
  const auto give_up = [&](std::string why) {
    channel.opened().set(std::unexpected(LocalChannel::NotOpened{.text = std::move(why)}));
  };
  loop::Timer doubt(credentials.loop, [&] {
    if (hop.suspect()) give_up("it does not answer");
  });
  loop::Timer deadline(credentials.loop,
                       [&] { give_up(fmt::format("no answer within {} s", credentials.within.count())); });
  doubt.start(HopConnection::kDoubtAfter);
  deadline.start(credentials.within);
  co_return co_await channel.opened();
}

// It has opened sessions, and opens no further one: sshd says no more than that (MaxSessions).
bool is_full(const HopConnection& hop, ChannelType type, const NotThrough& refused) {
  return type == ChannelType::session && refused.code == connection::OpenFailureCode::connect_failed &&
         hop.has_had_sessions();
}

// It forbids what the account may have been permitted since it was dialled.
bool is_overtaken(HopConnection& hop, ChannelType type, const NotThrough& refused, std::chrono::milliseconds now) {
  if (refused.code != connection::OpenFailureCode::administratively_prohibited || hop.is_outdated(type)) return false;
  hop.failed_by_rights(type, now);
  return hop.is_outdated(type);
}

// The end that a hop's refusal to connect is, where it says more than that nobody answers behind it.
std::optional<End> end_of_refusal(const NotThrough& refused) {
  using connection::OpenFailureCode;
  if (!refused.code) return std::nullopt;
  const auto words = refused.why.empty() ? std::string{} : fmt::format(" ({})", refused.why);
  switch (*refused.code) {
    case OpenFailureCode::administratively_prohibited:
      return End{
          Reason::backend_forbids_forwarding, refused.hop,
          fmt::format("prohibited{}: its sshd has AllowTcpForwarding or PermitOpen that forbid it, or the account's "
                      "authorized_keys has",
                      words)};
    case OpenFailureCode::unknown_channel_type:
      return End{Reason::backend_forbids_forwarding, refused.hop,
                 fmt::format("unknown channel type{}: its sshd does not forward", words)};
    case OpenFailureCode::resource_shortage:
      return End{Reason::backend_exhausted, refused.hop, fmt::format("resource shortage{}", words)};
    default: return std::nullopt;
  }
}

}  // namespace

Task<std::expected<Through, NotThrough>> open_through(const Credentials& credentials, HopPool& hops,
                                                      std::vector<access::Hop> way, Use use, Opening opening) {
  std::size_t full = 0;
  for (int tries = 1;;) {
    const auto reached = co_await hops.reach(way, use, opening.type);
    if (!reached) co_return std::unexpected(NotThrough{.end = reached.error()});
    auto& hop = **reached;
    auto channel = opening.open(hop);
    const auto opened = co_await answer(credentials, hop, *channel);
    if (opened) {
      if (opening.type == ChannelType::session) hop.session_opened();
      co_return Through{std::move(channel), &hop};
    }

    credentials.loop.defer_delete(std::move(channel));
    NotThrough refused{.code = opened.error().code,
                       .why = printable_on_one_line(opened.error().text, kLongestWords),
                       .hop = hop.name()};
    if (hop.lost() || hop.suspect()) {
      if (tries++ < kTries) continue;
      refused.end = {Reason::backend_unreachable, hop.lost_at(), refused.why};
    }
    if (is_overtaken(hop, opening.type, refused, credentials.loop.now())) {
      log::debug("opened once more on another connection backend={} why={:?}", hop.name(), refused.why);
      continue;
    }
    if (is_full(hop, opening.type, refused)) {
      hop.session_refused();
      if (++full < kTriesForSession) continue;
      refused.end = {Reason::backend_exhausted, hop.name(), "its sshd opens no further session: see MaxSessions"};
    }
    co_return std::unexpected(std::move(refused));
  }
}

Opening session_for(Use use) {
  return {.type = ChannelType::session, .open = [use](HopConnection& hop) { return hop.open_session(use); }};
}

Task<std::expected<Reached, End>> reach(const Credentials& credentials, HopPool& hops, std::vector<access::Hop> way,
                                        Use use, Endpoint to, End unreachable) {
  if (way.empty()) co_return co_await connect(credentials, std::move(to), std::move(unreachable));
  const Opening opening{.type = ChannelType::direct_tcpip,
                        .open = [to = std::move(to), use](HopConnection& hop) { return hop.open(to, use); }};
  auto through = co_await open_through(credentials, hops, std::move(way), use, opening);
  if (through) co_return Reached{std::move(through->channel), through->hop};
  if (through.error().end) co_return std::unexpected(*std::move(through.error().end));
  if (auto end = end_of_refusal(through.error())) co_return std::unexpected(*std::move(end));
  unreachable.detail = std::move(through.error().why);
  co_return std::unexpected(std::move(unreachable));
}

End blame(End end, const HopConnection* hop) {
  if (hop == nullptr || !hop->lost()) return end;
  return {Reason::backend_unreachable, hop->lost_at(), std::move(end.detail)};
}

}  // namespace bastion::upstream
