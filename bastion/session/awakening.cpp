#include "bastion/session/awakening.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>
#include <vector>

#include "bastion/loop/loop.h"
#include "bastion/loop/pause.h"
#include "bastion/loop/timer.h"
#include "bastion/wake/sleeper.h"

namespace bastion::session {
namespace {

constexpr std::chrono::seconds kBetweenLines{5};
// An sshd answers before its machine has booted, and until then lets nobody in but root (pam_nologin(8)). Not more
// often: an sshd counts this as failures (PerSourcePenalties), and all come from the same address.
constexpr std::chrono::seconds kBetweenTries{3};
constexpr int kTries = 6;

bool may_be_booting(const End& end) {
  return end.reason == Reason::container_refused_account || end.reason == Reason::container_unreachable ||
         end.reason == Reason::container_command_failed;
}

}  // namespace

Task<Awakening::In> Awakening::enter(std::function<Task<In>()> go_in) const {
  std::vector<std::string> started;
  for (int tries = 0;; ++tries) {
    auto in = co_await go_in();
    if (in) co_return in;
    auto wanted = sleeper(in.error());
    if (wanted && std::ranges::find(started, wanted->full_name) == started.end()) {
      started.push_back(wanted->full_name);
      tries = 0;
      auto woken = co_await wake(*std::move(wanted));
      if (!woken) co_return woken;
      continue;
    }
    if (started.empty() || !may_be_booting(in.error()) || tries == kTries) co_return in;
    co_await loop::pause(loop, kBetweenTries);
  }
}

Task<Awakening::In> Awakening::wake(wake::Wanted wanted) const {
  const auto began = loop.now();
  const bool is_container = wanted.kind == wake::Wanted::Kind::container;
  const auto name = is_container ? route.container_name : wanted.name;
  const auto backend = is_container ? route.backend : wanted.id;
  say(fmt::format("bastion: starting {}", name));
  loop::Timer clock(loop, [&] {
    const auto waited = std::chrono::duration_cast<std::chrono::seconds>(loop.now() - began);
    say(fmt::format("bastion: starting {}, {} s", name, waited.count()));
  });
  clock.repeat(kBetweenLines);
  wake::Waking waking(*alarm, loop, std::move(wanted));
  auto woken = co_await waking.over();
  if (woken) {
    hops.forgive(backend);
    co_return woken;
  }
  woken.error().subject = name;  // she may call it otherwise than who has asked first
  co_return woken;
}

End Awakening::start_again(End end) const {
  if (end.reason != Reason::backend_vanished) return end;
  auto wanted = sleeper({Reason::backend_unreachable, end.subject, {}});
  if (!wanted) return end;
  wanted->if_silent = true;
  std::ignore = alarm->ask(loop, *std::move(wanted), [](const wake::Woken&) {});
  end.reason = Reason::backend_starts_again;
  return end;
}

std::optional<wake::Wanted> Awakening::sleeper(const End& end) const {
  if (alarm == nullptr) return std::nullopt;
  auto wanted = wake::sleeper(wakes, route, end);
  if (wanted) wanted->asker = asker;
  return wanted;
}

}  // namespace bastion::session
