#include "bastion/probe/instances.h"

#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/access/route.h"
#include "bastion/base/log.h"
#include "bastion/upstream/backend_command.h"
#include "store/backends.h"

namespace bastion::probe {
namespace {

using upstream::RanOnBackend;

// LXD is what Incus has come from. Word for word what an account may be restricted to, with command= in
// authorized_keys.
constexpr std::string_view kIncus = "incus list --format json";
constexpr std::string_view kLxd = "lxc list --format json";
// Some thousand instances. In memory, as a document, it may become 430 MiB (measured: nothing but {}).
constexpr std::size_t kLongest = std::size_t{16} * 1024 * 1024;
// A minute, because the daemon asks every instance in turn.
constexpr std::chrono::seconds kTimeout{60};

using Program = InstancesWanted::Program;

std::vector<std::string> words_for(const InstancesWanted& wanted) {
  const auto more = wanted.projects.empty() ? std::string{} : " " + wanted.projects;
  std::vector<std::string> words;
  if (wanted.program != Program::lxc) words.push_back(std::string(kIncus) + more);
  if (wanted.program != Program::incus) words.push_back(std::string(kLxd) + more);
  return words;
}

std::string_view not_found(Program program) {
  if (program == Program::either) return "neither incus nor lxc is found";
  return program == Program::incus ? "incus is not found" : "lxc is not found";
}

Result<std::string> output_of(RanOnBackend ran, const access::Hop& backend) {
  if (ran.outcome.status == 0) return std::move(ran.outcome.out);
  const auto why = fmt::format("{}; the account {} needs a shell there, and the right to list instances",
                               failure_of(ran, backend), backend.account);
  if (ran.not_again.empty()) return fail("{}", why);
  return fail("{}; and it could not be asked once more: {}", why, ran.not_again);
}

}  // namespace

Task<Result<std::string>> list_instances(const upstream::Credentials& credentials, upstream::HopPool& hops,
                                         store::Backends& backends, InstancesWanted wanted) {
  const auto& backend = wanted.backend;
  const auto known = backends.get(backend);
  if (!known) co_return std::unexpected(known.error());
  const auto way = access::find_way(backends, known->id);
  if (!way) co_return std::unexpected(way.error());
  if (way->empty() || way->back().backend != known->id) {
    co_return fail("the bastion does not log in to backend {}, so it cannot ask there", backend);
  }
  upstream::BackendCommand command{.words = words_for(wanted), .longest = kLongest, .within = kTimeout};
  auto ran = co_await upstream::run_on_backend(credentials, hops, *way, std::move(command));
  if (!ran) co_return std::unexpected(ran.error());
  if (ran->outcome.status == upstream::kNotFound) {
    co_return fail("{} by the account {} on backend {}", not_found(wanted.program), way->back().account, backend);
  }
  const auto words = ran->words;
  auto output = output_of(*std::move(ran), way->back());
  const auto said = fmt::format("instances asked for backend={} command={:?} outcome={:?}", backend, words,
                                output ? fmt::format("{} bytes", output->size()) : output.error().text);
  // What is asked every minute is told of when it fails, by who asks.
  if (wanted.program == Program::either) {
    log::info("{}", said);
  } else {
    log::debug("{}", said);
  }
  co_return output;
}

}  // namespace bastion::probe
