#include "bastion/upstream/backend_hops.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
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
    : loop_(loop),
      hops_(std::move(hops)),
      means_(std::move(means)),
      due_(loop, [this] { start_dial(); }),
      impatient_(loop, [this] { patience_->set({}); }) {}

Task<BackendHops::Reached> BackendHops::reach(Use use, ChannelType type) {
  wanted_at_ = loop_.now();
  if (use != Use::question) reserve_.asked(loop_.now());
  const auto hops = usable(type);
  if (hops.empty() && type == ChannelType::session && size() >= kMostHopsForSessions) {
    co_return std::unexpected(
        End{Reason::backend_exhausted, hops_.back().name,
            fmt::format("its sshd opens no further session on any of {} connections: see MaxSessions in its "
                        "sshd_config",
                        size())});
  }
  const auto loads = loads_of(hops);
  const auto choice =
      choose_hop(loads, use, backoff_.left(loop_.now()).count() > 0 ? Dialling::not_now : Dialling::possible);
  if (choice.then != HopChoice::Then::take) want_dial(use == Use::question ? Use::anything : use);
  if (choice.then != HopChoice::Then::await_dial) co_return hops[*choice.hop];

  if (choice.hop && !loads[*choice.hop].busy) {
    co_await *patience_;
    const auto left = usable(type);
    if (!left.empty()) co_return left[*choose_hop(loads_of(left), use, Dialling::not_now).hop];
    co_return co_await reach(use, type);
  }
  // Others have waited for the same one.
  const auto reached = co_await *next_;
  const auto found = reached ? usable(type) : sound(type);
  if (found.empty()) co_return reached;
  co_return found[*choose_hop(loads_of(found), use, Dialling::not_now).hop];
}

std::vector<HopConnection*> BackendHops::sound(ChannelType type) const {
  std::vector<HopConnection*> found;
  for (const auto& hop : connections_) {
    if (!hop->lost() && !hop->suspect() && hop->takes(type)) found.push_back(hop.get());
  }
  return found;
}

std::vector<HopConnection*> BackendHops::usable(ChannelType type) const {
  auto all = sound(type);
  std::vector<HopConnection*> found;
  std::ranges::copy_if(all, std::back_inserter(found), [&](const auto* hop) { return !hop->is_outdated(type); });
  const bool may_be_renewed = size() < kMostHops && backoff_.left(loop_.now()).count() == 0;
  return found.empty() && !may_be_renewed ? all : found;
}

std::size_t BackendHops::size() const {
  const auto count = std::ranges::count_if(connections_, [](const auto& hop) { return !hop->lost(); });
  return static_cast<std::size_t>(count);
}

std::optional<std::chrono::microseconds> BackendHops::latency() const {
  std::optional<std::chrono::microseconds> least;
  for (const auto& hop : connections_) {
    const auto latency = hop->lost() ? std::nullopt : hop->latency();
    if (latency && (!least || *latency < *least)) least = latency;
  }
  return least;
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
  next_is_reserve_ = false;
  if (next_) return;
  next_use_ = use;
  next_ = std::make_unique<Event<Reached>>();
  patience_ = std::make_unique<Event<std::monostate>>();
  is_due_ = true;
  due_.start(backoff_.left(loop_.now()));
  impatient_.start(kPatience);
}

void BackendHops::forgive() {
  backoff_.succeeded();
  if (is_due_) due_.start(std::chrono::milliseconds::zero());
}

void BackendHops::start_dial() {
  is_due_ = false;
  dial_ = means_.dial(next_use_);
  dial_.start([this] { on_dialled(dial_.take()); });
}

void BackendHops::on_dialled(Dialled dialled) {
  auto reached = keep(std::move(dialled));
  impatient_.stop();
  const auto waited_for = std::move(next_);
  const auto waited_for_a_while = std::move(patience_);
  waited_for_a_while->set({});
  waited_for->set(std::move(reached));
}

// A failure on the way is counted there, and there only.
BackendHops::Reached BackendHops::keep(Dialled dialled) {
  if (dialled) {
    backoff_.succeeded();
    auto& hop = **dialled;
    for (const auto& before : connections_) {
      if (before->is_outdated()) hop.come_after(*before);
    }
    return connections_.emplace_back(*std::move(dialled)).get();
  }
  const auto& end = dialled.error();
  if (next_is_reserve_) reserve_.failed(loop_.now());
  if (end.subject == hops_.back().name) {
    backoff_.failed(loop_.now(), means_.chance());
    last_failure_ = end;
    log::write(next_is_reserve_ ? log::Level::debug : log::Level::warning,
               "hop failed backend={} reason={} detail={:?} next_dial_in_ms={}", end.subject, code_of(end.reason),
               end.detail, backoff_.left(loop_.now()).count());
  }
  return std::unexpected(end);
}

void BackendHops::tick(std::chrono::seconds idle_timeout) {
  for (const auto& hop : connections_) hop->tick();
  let_go(idle_timeout);
  if (next_ || backoff_.left(loop_.now()).count() > 0) return;
  if (!reserve_.may_be_dialled(loop_.now()) || !wants_reserve(usable(ChannelType::direct_tcpip))) return;
  want_dial(Use::anything);
  next_is_reserve_ = true;
}

bool BackendHops::wants_reserve(const std::vector<HopConnection*>& hops) const {
  return reserve_.is_worth_it(loop_.now()) && wants_spare(loads_of(hops));
}

void BackendHops::let_go(std::chrono::seconds idle_timeout) {
  for (auto at = connections_.begin(); at != connections_.end();) {
    auto& hop = **at;
    auto others = usable(ChannelType::direct_tcpip);
    std::erase(others, &hop);
    const bool is_idle = hop.idle() >= idle_timeout && !wants_reserve(others);
    const bool is_replaced = hop.is_outdated() && !others.empty();
    if (hop.holders() == 0 && (hop.lost() || is_idle || is_replaced)) {
      if (!hop.lost()) log::info("hop closed backend={} why={:?}", hops_.back().name, is_idle ? "idle" : "replaced");
      loop_.defer_delete(std::move(*at));
      at = connections_.erase(at);
    } else {
      ++at;
    }
  }
}

bool BackendHops::forgotten() const { return connections_.empty() && !next_ && loop_.now() - wanted_at_ >= kMemory; }

}  // namespace bastion::upstream
