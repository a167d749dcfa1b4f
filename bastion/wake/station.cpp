#include "bastion/wake/station.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/base/printable.h"
#include "bastion/hooks/hook_runner.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/pause.h"
#include "bastion/wake/instance.h"
#include "bastion/wake/ssh_answers.h"
#include "store/writer.h"

namespace bastion::wake {
namespace {

constexpr std::size_t kLongestDetail = 500;
// An sshd that is restarted is silent for a moment, and needs nobody.
constexpr int kLooks = 3;
constexpr std::chrono::milliseconds kBetweenLooks{1000};
constexpr std::chrono::milliseconds kBetweenTries{500};

Attempts::Thing thing_of(const Wanted& wanted) { return {wanted.kind, wanted.id}; }

std::string_view kind_of(const Wanted& wanted) {
  return wanted.kind == Wanted::Kind::container ? "container" : "backend";
}

Reason not_started(const Wanted& wanted) {
  return wanted.kind == Wanted::Kind::container ? Reason::container_not_started : Reason::backend_not_started;
}

// What it is that its time is over.
End too_late(const Wanted& wanted, bool is_told, std::chrono::seconds limit) {
  if (!is_told) {
    return {not_started(wanted), wanted.name, fmt::format("what starts it has not ended within {} s", limit.count())};
  }
  const auto reason =
      wanted.kind == Wanted::Kind::container ? Reason::container_still_starting : Reason::backend_still_starting;
  return {reason, wanted.name, fmt::format("its SSH has not answered within {} s", limit.count())};
}

}  // namespace

Station::Attempt::Attempt(Station& station, Wanted what)
    : wanted(std::move(what)),
      began(station.place_.credentials.loop.now()),
      deadline(station.place_.credentials.loop, [this, &station] {
        station.over(*this, std::unexpected(too_late(wanted, is_told, station.place_.limit)));
      }) {}

Station::~Station() {
  for (const auto& attempt : under_way_) {
    if (!attempt->is_written_down) continue;
    const auto took =
        std::chrono::duration_cast<std::chrono::seconds>(place_.credentials.loop.now() - attempt->began).count();
    log::warning("{0} is left to start {0}={1} seconds={2}", kind_of(attempt->wanted), attempt->wanted.full_name, took);
    write_down(*attempt, std::string(code_of(Reason::shutdown)), fmt::format("seconds={}", took));
  }
}

void Station::ask(Wanted wanted, OnOver on_over) {
  const auto thing = thing_of(wanted);
  const auto then = attempts_.ask(thing, place_.credentials.loop.now());
  if (then == Attempts::Then::leave) return on_over(std::unexpected(attempts_.failure(thing)));
  if (then == Attempts::Then::join) {
    const auto same = [&](const auto& attempt) { return thing_of(attempt->wanted) == thing; };
    return (*std::ranges::find_if(under_way_, same))->waiting.push_back(std::move(on_over));
  }
  auto& attempt = *under_way_.emplace_back(std::make_unique<Attempt>(*this, std::move(wanted)));
  attempt.waiting.push_back(std::move(on_over));
  attempt.deadline.start(place_.limit);
  attempt.task = start(attempt);
  attempt.task.start([this, &attempt] { over(attempt, attempt.task.take()); });
}

// The attempt outlives its task.
Task<Woken> Station::start(Attempt& attempt) const {
  const auto& wanted = attempt.wanted;
  const bool is_container = wanted.kind == Wanted::Kind::container;
  for (int tries = 0; wanted.if_silent && tries < kLooks; ++tries) {
    if (tries > 0) co_await loop::pause(place_.credentials.loop, kBetweenLooks);
    const bool answers = co_await ssh_answers(place_.credentials, place_.hops, wanted);
    if (answers) co_return Woken{};
  }
  begin(attempt);
  Result<> started;
  if (is_container) {
    started = co_await start_instance(place_.credentials, place_.hops, wanted.way, wanted.name, place_.limit);
  } else {
    started = co_await run_hook(wanted);
  }
  if (!started) {
    auto why = printable_on_one_line(started.error().text, kLongestDetail);
    co_return std::unexpected(End{not_started(wanted), wanted.name, std::move(why)});
  }
  attempt.is_told = true;
  co_await until_it_answers(wanted);
  co_return Woken{};
}

Task<> Station::until_it_answers(Wanted wanted) const {
  for (;;) {
    const bool answers = co_await ssh_answers(place_.credentials, place_.hops, wanted);
    if (answers) co_return;
    co_await loop::pause(place_.credentials.loop, kBetweenTries);
    if (place_.find_again) co_await place_.find_again(wanted);
  }
}

Task<Result<>> Station::run_hook(const Wanted& wanted) const {
  auto& loop = place_.credentials.loop;
  if (place_.hooks == nullptr) co_return fail("there is no process that runs hooks");
  const hooks::HookRun hook{.name = wanted.hook, .backend = wanted.name, .within = place_.limit};
  auto running = place_.hooks->run(loop, hook);
  if (!running) co_return std::unexpected(std::move(running.error()));
  const auto over = co_await (*running)->over();
  loop.defer_delete(*std::move(running));
  if (!over) co_return std::unexpected(over.error());
  if (!over->empty()) {
    log::info("hook says hook={} backend={} text={:?}", wanted.hook, wanted.name,
              printable_on_one_line(*over, kLongestDetail));
  }
  co_return Result<>{};
}

void Station::begin(Attempt& attempt) const {
  const auto& wanted = attempt.wanted;
  attempt.is_written_down = true;
  log::info("{0} is being started {0}={1} user={2} id={3}", kind_of(wanted), wanted.full_name, wanted.asker.user,
            wanted.asker.session.empty() ? "-" : wanted.asker.session);
  write_down(attempt, "tried", {});
}

void Station::over(Attempt& attempt, const Woken& woken) {
  const auto found = std::ranges::find(under_way_, &attempt, &std::unique_ptr<Attempt>::get);
  if (found == under_way_.end()) return;  // its time was over before
  auto& loop = place_.credentials.loop;
  attempt.deadline.stop();
  const auto waiting = std::exchange(attempt.waiting, {});
  const auto took = std::chrono::duration_cast<std::chrono::seconds>(loop.now() - attempt.began).count();
  const auto outcome = woken ? "done" : std::string(code_of(woken.error().reason));
  if (!attempt.is_written_down) {
    log::debug("{0} answers {0}={1}", kind_of(attempt.wanted), attempt.wanted.full_name);
  } else if (woken) {
    log::info("{0} was started {0}={1} seconds={2}", kind_of(attempt.wanted), attempt.wanted.full_name, took);
  } else {
    log::warning("{0} was not started {0}={1} reason={2} seconds={3} detail={4:?}", kind_of(attempt.wanted),
                 attempt.wanted.full_name, outcome, took, woken.error().detail);
  }
  if (attempt.is_written_down) write_down(attempt, outcome, fmt::format("seconds={}", took));
  attempts_.over(thing_of(attempt.wanted), woken ? std::nullopt : std::optional(woken.error()), loop.now());
  loop.defer_delete(std::move(*found));
  under_way_.erase(found);
  for (const auto& tell : waiting) tell(woken);
}

void Station::write_down(const Attempt& attempt, std::string outcome, std::string detail) const {
  const auto& asker = attempt.wanted.asker;
  place_.writer.audit({.at = unix_now(),
                       .actor = asker.user,
                       .action = "wake",
                       .subject = fmt::format("{} {}", kind_of(attempt.wanted), attempt.wanted.full_name),
                       .outcome = std::move(outcome),
                       .key_fingerprint = asker.key_fingerprint,
                       .from_host = asker.from_host,
                       .session = asker.session,
                       .detail = std::move(detail)});
}

}  // namespace bastion::wake
