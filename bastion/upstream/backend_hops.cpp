#include "bastion/upstream/backend_hops.h"

#include <algorithm>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/loop/loop.h"

namespace bastion::upstream {
namespace {

// The count of failures of a backend nobody asks for any more is forgotten after this.
constexpr std::chrono::minutes kMemory{1};

std::vector<HopLoad> loads_of(const std::vector<HopConnection*>& hops) {
  std::vector<HopLoad> loads;
  loads.reserve(hops.size());
  for (const auto* hop : hops) loads.push_back(hop->load());
  return loads;
}

}  // namespace

BackendHops::BackendHops(loop::Loop& loop, std::vector<access::Hop> hops, Means means)
    : loop_(loop), hops_(std::move(hops)), means_(std::move(means)), due_(loop, [this] { start_dial(); }) {}

Task<BackendHops::Reached> BackendHops::reach(Use use) {
  wanted_at_ = loop_.now();
  const auto hops = usable();
  const auto loads = loads_of(hops);
  const auto choice =
      choose_hop(loads, use, backoff_.left(loop_.now()).count() > 0 ? Dialling::not_now : Dialling::possible);
  if (choice.then != HopChoice::Then::take) want_dial(use);
  if (choice.then != HopChoice::Then::await_dial) co_return hops[*choice.hop];

  // Others have waited for the same one.
  const auto reached = co_await *next_;
  const auto found = usable();
  if (found.empty()) co_return reached;
  co_return found[*choose_hop(loads_of(found), use, Dialling::not_now).hop];
}

std::vector<HopConnection*> BackendHops::usable() const {
  std::vector<HopConnection*> found;
  for (const auto& hop : connections_) {
    if (!hop->lost() && !hop->suspect()) found.push_back(hop.get());
  }
  return found;
}

std::optional<End> BackendHops::cooling_down() const {
  if (usable_now() || backoff_.left(loop_.now()).count() == 0) return std::nullopt;
  return last_failure_;
}

bool BackendHops::answered() const {
  return std::ranges::any_of(connections_, [](const auto& hop) { return !hop->lost() && hop->answered(); });
}

// A dial starts from the loop: where it is asked for, the frame of the last one may still be below.
void BackendHops::want_dial(Use use) {
  if (next_) return;
  next_use_ = use;
  next_ = std::make_unique<Event<Reached>>();
  due_.start(backoff_.left(loop_.now()));
}

void BackendHops::start_dial() {
  dial_ = means_.dial(next_use_);
  dial_.start([this] { on_dialled(dial_.take()); });
}

void BackendHops::on_dialled(Dialled dialled) {
  auto reached = keep(std::move(dialled));
  const auto waited_for = std::move(next_);
  waited_for->set(std::move(reached));
}

// A failure on the way is counted there, and there only.
BackendHops::Reached BackendHops::keep(Dialled dialled) {
  if (dialled) {
    backoff_.succeeded();
    return connections_.emplace_back(*std::move(dialled)).get();
  }
  const auto& end = dialled.error();
  if (end.subject == hops_.back().name) {
    backoff_.failed(loop_.now(), means_.chance());
    last_failure_ = end;
    log::warning("hop failed backend={} reason={} detail={:?} next_dial_in_ms={}", end.subject, code_of(end.reason),
                 end.detail, backoff_.left(loop_.now()).count());
  }
  return std::unexpected(end);
}

void BackendHops::tick(std::chrono::seconds idle_timeout) {
  for (const auto& hop : connections_) hop->tick();
  let_go(idle_timeout);
  if (wants_spare(loads_of(usable())) && backoff_.left(loop_.now()).count() == 0) want_dial(Use::anything);
}

void BackendHops::let_go(std::chrono::seconds idle_timeout) {
  for (auto at = connections_.begin(); at != connections_.end();) {
    auto& hop = **at;
    auto others = usable();
    std::erase(others, &hop);
    const bool is_idle = hop.idle() >= idle_timeout && !wants_spare(loads_of(others));
    if (hop.holders() == 0 && (hop.lost() || is_idle)) {
      if (!hop.lost()) log::info("hop closed backend={} why=\"idle\"", hops_.back().name);
      loop_.defer_delete(std::move(*at));
      at = connections_.erase(at);
    } else {
      ++at;
    }
  }
}

bool BackendHops::forgotten() const { return connections_.empty() && !next_ && loop_.now() - wanted_at_ >= kMemory; }

}  // namespace bastion::upstream
