#include "bastion/probe/instances.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

#include "bastion/access/route.h"
#include "bastion/base/log.h"
#include "bastion/connection/remote_command.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/upstream/chain.h"
#include "bastion/upstream/hop_connection.h"
#include "store/backends.h"

namespace bastion::probe {
namespace {

using connection::RemoteCommand;

// LXD is what Incus has come from. Word for word what an account may be restricted to, with command= in
// authorized_keys.
constexpr std::string_view kIncus = "incus list --format json";
constexpr std::string_view kLxd = "lxc list --format json";
// Some thousand instances. In memory, as a document, it may become 430 MiB (measured: nothing but {}).
constexpr std::size_t kLongest = std::size_t{16} * 1024 * 1024;
// A minute, because the daemon asks every instance in turn.
constexpr std::chrono::seconds kTimeout{60};
// What a POSIX shell says of a command that is not there (XCU 2.8.2).
constexpr std::uint32_t kNotFound = 127;

using Ran = Result<RemoteCommand::Outcome>;
using Channel = std::unique_ptr<connection::LocalChannel>;

Task<Ran> run_in(const upstream::Credentials& credentials, Channel channel, std::string words, std::string backend) {
  auto command = std::make_unique<RemoteCommand>(std::move(channel), words, kLongest);
  loop::Timer deadline(credentials.loop,
                       [&] { command->over().set(fail("it has not ended within {} s", kTimeout.count())); });
  deadline.start(kTimeout);
  const auto over = co_await command->over();
  auto outcome = command->take();
  credentials.loop.defer_delete(std::move(command));
  if (!over) co_return fail("`{}` on backend {}: {}", words, backend, over.error().text);
  co_return outcome;
}

Task<Ran> run(const upstream::Credentials& credentials, upstream::HopPool& hops, std::vector<access::Hop> way,
              std::string words) {
  const auto& backend = way.back();
  constexpr auto kUse = upstream::Use::anything;
  auto through = co_await open_through(credentials, hops, way, kUse, upstream::session_for(kUse));
  if (!through && through.error().end) co_return fail("{}", full_text_of(*through.error().end));
  if (!through) {
    co_return fail("backend {} opens no session for {}: {}", backend.name, backend.account, through.error().why);
  }
  co_return co_await run_in(credentials, std::move(through->channel), words, backend.name);
}

// Over a connection of its own.
Task<Ran> run_afresh(const upstream::Credentials& credentials, upstream::HopPool& hops, std::vector<access::Hop> way,
                     std::string words) {
  const auto backend = way.back().name;
  auto hop = co_await hops.dial_alone(way);
  if (!hop) co_return fail("{}", full_text_of(hop.error()));
  auto channel = (*hop)->open_session(upstream::Use::anything);
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
  auto outcome = co_await run_in(credentials, std::move(channel), words, backend);
  credentials.loop.defer_delete(*std::move(hop));
  co_return outcome;
}

// What a program has said about its failure: the last line that begins with `Error`, or the last one. What stands
// before it may be a greeting. Some say it on standard output.
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

Result<std::string> output_of(RemoteCommand::Outcome outcome, std::string_view words, const access::Hop& backend) {
  if (outcome.status == 0) return std::move(outcome.out);
  const auto how = outcome.status ? fmt::format("ended with status {}", *outcome.status) : "was killed by a signal";
  const auto complaint = complaint_of(outcome);
  return fail("`{}` on backend {} {}{}{}; the account {} needs a shell there, and the right to list instances", words,
              backend.name, how, complaint.empty() ? "" : ": ", complaint, backend.account);
}

}  // namespace

Task<Result<std::string>> list_instances(const upstream::Credentials& credentials, upstream::HopPool& hops,
                                         store::Backends& backends, std::string backend, std::string projects) {
  const auto known = backends.get(backend);
  if (!known) co_return std::unexpected(known.error());
  const auto way = access::find_way(backends, known->id);
  if (!way) co_return std::unexpected(way.error());
  if (way->empty() || way->back().backend != known->id) {
    co_return fail("the bastion does not log in to backend {}, so it cannot ask there", backend);
  }
  const auto more = projects.empty() ? std::string{} : " " + projects;
  std::string words = std::string(kIncus) + more;
  auto outcome = co_await run(credentials, hops, *way, words);
  if (outcome && outcome->status == kNotFound) {
    words = std::string(kLxd) + more;
    outcome = co_await run(credentials, hops, *way, words);
    if (outcome && outcome->status == kNotFound) {
      co_return fail("neither incus nor lxc is found by the account {} on backend {}", way->back().account, backend);
    }
  }
  if (outcome && outcome->status && outcome->status != 0) {
    log::debug("instances asked for once more backend={}", backend);
    auto again = co_await run_afresh(credentials, hops, *way, words);
    if (!again) {
      const auto first = output_of(*std::move(outcome), words, way->back());
      co_return fail("{}; and it could not be asked once more: {}", first.error().text, again.error().text);
    }
    outcome = std::move(again);
  }
  if (!outcome) co_return std::unexpected(outcome.error());
  auto output = output_of(*std::move(outcome), words, way->back());
  log::info("instances asked for backend={} command={:?} outcome={:?}", backend, words,
            output ? fmt::format("{} bytes", output->size()) : output.error().text);
  co_return output;
}

}  // namespace bastion::probe
