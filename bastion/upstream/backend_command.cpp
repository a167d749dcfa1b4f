#include "bastion/upstream/backend_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/upstream/chain.h"
#include "bastion/upstream/hop_connection.h"

namespace bastion::upstream {
namespace {

using connection::RemoteCommand;
using CommandOutcome = Result<RemoteCommand::Outcome>;
using SessionChannel = std::unique_ptr<connection::LocalChannel>;

// One of the words of a command.
struct OneCommand {
  std::string words;
  std::size_t longest;
  std::chrono::seconds within;
};

Task<CommandOutcome> run_in(const Credentials& credentials, SessionChannel channel, OneCommand one,
                            std::string backend) {
  auto command = std::make_unique<RemoteCommand>(std::move(channel), one.words, one.longest);
  loop::Timer deadline(credentials.loop,
                       [&] { command->over().set(fail("it has not ended within {} s", one.within.count())); });
  deadline.start(one.within);
  const auto over = co_await command->over();
  auto outcome = command->take();
  credentials.loop.defer_delete(std::move(command));
  if (!over) co_return fail("`{}` on backend {}: {}", one.words, backend, over.error().text);
  co_return outcome;
}

Task<CommandOutcome> run_over_pool(const Credentials& credentials, HopPool& hops, std::vector<access::Hop> way,
                                   OneCommand one) {
  const auto& backend = way.back();
  auto through = co_await open_through(credentials, hops, way, Use::anything, session_for(Use::anything));
  if (!through && through.error().end) co_return fail("{}", full_text_of(*through.error().end));
  if (!through) {
    co_return fail("backend {} opens no session for {}: {}", backend.name, backend.account, through.error().why);
  }
  co_return co_await run_in(credentials, std::move(through->channel), std::move(one), backend.name);
}

// Over a connection of its own.
Task<CommandOutcome> run_afresh(const Credentials& credentials, HopPool& hops, std::vector<access::Hop> way,
                                OneCommand one) {
  const auto backend = way.back().name;
  auto hop = co_await hops.dial_alone(way);
  if (!hop) co_return fail("{}", full_text_of(hop.error()));
  auto channel = (*hop)->open_session(Use::anything);
  loop::Timer deadline(credentials.loop, [&] {
    auto why = fmt::format("no answer within {} s", credentials.within.count());
    channel->opened().set(std::unexpected(connection::LocalChannel::NotOpened{.text = std::move(why)}));
  });
  deadline.start(credentials.within);
  const auto opened = co_await channel->opened();
  deadline.stop();
  if (!opened) {
    credentials.loop.defer_delete(std::move(channel));
    credentials.loop.defer_delete(*std::move(hop));
    co_return fail("backend {} opens no session: {}", backend, opened.error().text);
  }
  auto outcome = co_await run_in(credentials, std::move(channel), std::move(one), backend);
  credentials.loop.defer_delete(*std::move(hop));
  co_return outcome;
}

}  // namespace

Task<Result<RanOnBackend>> run_on_backend(const Credentials& credentials, HopPool& hops, std::vector<access::Hop> way,
                                          BackendCommand command) {
  RanOnBackend ran;
  for (auto& words : command.words) {
    ran.words = std::move(words);
    OneCommand one{.words = ran.words, .longest = command.longest, .within = command.within};
    auto outcome = co_await run_over_pool(credentials, hops, way, std::move(one));
    if (!outcome) co_return std::unexpected(std::move(outcome.error()));
    ran.outcome = *std::move(outcome);
    if (ran.outcome.status != kNotFound) break;
  }
  if (!ran.outcome.status || ran.outcome.status == 0 || ran.outcome.status == kNotFound) co_return ran;
  if (command.again == Again::never) co_return ran;
  log::debug("run once more backend={} command={:?}", way.back().name, ran.words);
  OneCommand one{.words = ran.words, .longest = command.longest, .within = command.within};
  auto again = co_await run_afresh(credentials, hops, way, std::move(one));
  if (again) {
    ran.outcome = *std::move(again);
  } else {
    ran.not_again = std::move(again.error().text);
  }
  co_return ran;
}

// What stands before it may be a greeting. Some say it on standard output.
std::string complaint_of(const RemoteCommand::Outcome& outcome) {
  constexpr std::size_t kLongestLine = 200;
  std::string_view said = outcome.err.find_first_not_of(" \r\n") == std::string::npos ? outcome.out : outcome.err;
  std::string_view last;
  std::string_view error;
  while (!said.empty()) {
    const auto line = said.substr(0, std::min(said.find_first_of("\r\n"), said.size()));
    said.remove_prefix(std::min(line.size() + 1, said.size()));
    if (line.find_first_not_of(" \t") != std::string_view::npos) last = line;
    if (line.starts_with("Error") || line.starts_with("error")) error = line;
  }
  return std::string((error.empty() ? last : error).substr(0, kLongestLine));
}

std::string failure_of(const RanOnBackend& ran, const access::Hop& backend) {
  const auto& status = ran.outcome.status;
  const auto how = status ? fmt::format("ended with status {}", *status) : "was killed by a signal";
  const auto complaint = complaint_of(ran.outcome);
  return fmt::format("`{}` on backend {} {}{}{}", ran.words, backend.name, how, complaint.empty() ? "" : ": ",
                     complaint);
}

}  // namespace bastion::upstream
