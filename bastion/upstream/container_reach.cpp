#include "bastion/upstream/container_reach.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/upstream/command_stream.h"

namespace bastion::upstream {
namespace {

// Whatever it is that opens no session, it is the backend's.
End end_of_no_session(const NotThrough& refused) {
  const auto words = refused.why.empty() ? std::string{} : fmt::format(" ({})", refused.why);
  if (refused.code == connection::OpenFailureCode::resource_shortage) {
    return {Reason::backend_exhausted, refused.hop, fmt::format("resource shortage{}", words)};
  }
  return {Reason::backend_runs_no_command, refused.hop,
          fmt::format("it opens no session{}: does its sshd_config have MaxSessions 0?", words)};
}

}  // namespace

Task<std::expected<Reached, End>> reach_by_command(const Credentials& credentials, HopPool& hops,
                                                   std::vector<access::Hop> way, Use use, std::string command) {
  auto through = co_await open_through(credentials, hops, std::move(way), use, session_for(use));
  if (!through) {
    co_return std::unexpected(through.error().end ? *through.error().end : end_of_no_session(through.error()));
  }
  auto* const hop = through->hop;
  log::debug("command started backend={} command={:?}", hop->name(), command);
  // The hop outlives what runs through it.
  auto failed = [hop, &loop = credentials.loop] { hop->failed_by_rights(ChannelType::session, loop.now()); };
  co_return Reached{std::make_unique<CommandStream>(credentials.loop, std::move(through->channel), std::move(command),
                                                    hop->name(), credentials.within, std::move(failed)),
                    hop};
}

bool is_worth_another_hop(const End& end, const HopConnection* hop) {
  return end.reason == Reason::container_command_failed && hop != nullptr && !hop->lost() &&
         hop->is_outdated(ChannelType::session);
}

Task<std::expected<Reached, End>> reach_behind(const Credentials& credentials, HopPool& hops,
                                               std::vector<access::Hop> way, Use use, Behind to, End unreachable) {
  const bool is_hop = !way.empty() && way.back().backend == to.backend;
  const auto missed = unreachable.reason;
  auto reached = co_await reach(credentials, hops, std::move(way), use, std::move(to.at), std::move(unreachable));
  if (!is_hop && reached) hops.note_reached(to.backend);
  if (!is_hop && !reached && reached.error().reason == missed) hops.note_missed(to.backend);
  co_return reached;
}

Task<std::expected<Reached, End>> reach_container(const Credentials& credentials, HopPool& hops,
                                                  const access::Route& route, Use use) {
  if (!route.command.empty()) return reach_by_command(credentials, hops, route.hops, use, route.command);
  return reach_behind(credentials, hops, route.hops, use, {route.backend, {route.address, route.port}},
                      End{Reason::container_unreachable, route.container_name, {}});
}

}  // namespace bastion::upstream
