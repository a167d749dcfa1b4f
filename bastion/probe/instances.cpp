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

Task<Result<RemoteCommand::Outcome>> run(const upstream::Credentials& credentials, upstream::HopPool& hops,
                                         std::vector<access::Hop> way, std::string words) {
  const auto& backend = way.back();
  const upstream::Opening opening = [](upstream::HopConnection& hop) { return hop.open_session(); };
  auto through = co_await open_through(credentials, hops, way, upstream::Use::anything, opening);
  if (!through && through.error().end) co_return fail("{}", full_text_of(*through.error().end));
  if (!through) {
    co_return fail("backend {} opens no session for {}: {}", backend.name, backend.account, through.error().why);
  }
  auto command = std::make_unique<RemoteCommand>(std::move(through->channel), words, kLongest);
  loop::Timer deadline(credentials.loop,
                       [&] { command->over().set(fail("it has not ended within {} s", kTimeout.count())); });
  deadline.start(kTimeout);
  const auto over = co_await command->over();
  auto outcome = command->take();
  credentials.loop.defer_delete(std::move(command));
  if (!over) co_return fail("`{}` on backend {}: {}", words, backend.name, over.error().text);
  co_return outcome;
}

// The first line of what a program has said about its failure. Some say it on standard output.
std::string complaint_of(const RemoteCommand::Outcome& outcome) {
  constexpr std::size_t kLongestLine = 200;
  const std::string_view said = outcome.err.empty() ? outcome.out : outcome.err;
  return std::string(said.substr(0, std::min(said.find_first_of("\r\n"), kLongestLine)));
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
                                         store::Backends& backends, std::string backend) {
  const auto known = backends.get(backend);
  if (!known) co_return std::unexpected(known.error());
  const auto way = access::find_way(backends, known->id);
  if (!way) co_return std::unexpected(way.error());
  if (way->empty() || way->back().backend != known->id) {
    co_return fail("the bastion does not log in to backend {}, so it cannot ask there", backend);
  }
  std::string words{kIncus};
  auto outcome = co_await run(credentials, hops, *way, words);
  if (outcome && outcome->status == kNotFound) {
    words = kLxd;
    outcome = co_await run(credentials, hops, *way, words);
    if (outcome && outcome->status == kNotFound) {
      co_return fail("neither incus nor lxc is found by the account {} on backend {}", way->back().account, backend);
    }
  }
  if (!outcome) co_return std::unexpected(outcome.error());
  auto output = output_of(*std::move(outcome), words, way->back());
  log::info("instances asked for backend={} command={:?} outcome={:?}", backend, words,
            output ? fmt::format("{} bytes", output->size()) : output.error().text);
  co_return output;
}

}  // namespace bastion::probe
