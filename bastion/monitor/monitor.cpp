#include "bastion/monitor/monitor.h"

#include <fmt/format.h>
#include <pthread.h>

#include <chrono>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/base/thread.h"

namespace bastion::monitor {
namespace {

// The process that served before this one may still have the address.
constexpr std::chrono::milliseconds kAgain{1000};
constexpr std::chrono::milliseconds kAskOthers{1000};
// They are asked as soon as they are known, and that is when this process serves. One that does not answer is not
// waited for any longer.
constexpr std::chrono::milliseconds kOthersWithin{5000};

constexpr std::chrono::milliseconds kBeat{1000};

http::Response unavailable(std::string why) {
  return {.status = http::Status::unavailable, .body = std::move(why) + "\n"};
}

}  // namespace

Monitor::Monitor(Place place) : place_(std::move(place)), started_at_(unix_now()), elsewhere_(place_.others.own_id) {}

Monitor::~Monitor() { stop(); }

Result<> Monitor::start() {
  auto thread = start_thread([this] { run(); });
  if (!thread) return std::unexpected(std::move(thread.error()));
  thread_ = *std::move(thread);
  return {};
}

void Monitor::stop() {
  if (!thread_.joinable()) return;
  loop_.post([this] { loop_.stop(); });
  thread_.join();
}

void Monitor::leave_address() {
  loop_.post([this] {
    left_ = true;
    try_again_->stop();
    others_due_->stop();
    endpoint_.reset();
  });
}

void Monitor::report(std::function<void(Report)> take) {
  loop_.post([this, take = std::move(take)] {
    beats_->refresh([this, take] {
      take({.id = place_.others.own_id, .samples = own_samples(moment()), .others = elsewhere_.counted()});
    });
  });
}

void Monitor::ask_loops(std::function<void(std::vector<Beats::Heart>)> take) {
  loop_.post([this, take = std::move(take)] { take(beats_->hearts()); });
}

void Monitor::take_last(const std::string& id, const metrics::Samples& samples) {
  loop_.post([this, id, samples] { elsewhere_.take_last(id, samples); });
}

// One that hangs holds up the asking, and neither what this process counts nor its answers.
void Monitor::ask_others() {
  if (asking_others_) return;
  if (!place_.others.any()) return elsewhere_.take({});
  asking_others_.emplace(
      loop_, place_.questions,
      [this, ask = place_.others.ask]() -> loop::Work::Then { return [this, told = ask()] { hear(told); }; },
      [this](const Error&) { asking_others_.reset(); });
}

void Monitor::hear(const std::vector<Elsewhere::Told>& told) {
  elsewhere_.take(told);
  asking_others_.reset();  // and what was handed in with it
  if (std::exchange(ask_again_, false)) return ask_others();
  if (elsewhere_.there() > 0 && elsewhere_.silent() == 0) listen_first();
}

void Monitor::others_changed() {
  loop_.post([this] {
    if (!place_.address || !place_.others.any || left_) return;
    ask_again_ = asking_others_.has_value();
    ask_others();
  });
}

void Monitor::listen_first() {
  if (!place_.address || std::exchange(listens_, true)) return;
  try_again_->stop();
  listen();
}

void Monitor::run() {
  ::pthread_setname_np(::pthread_self(), "monitor");
  beats_.emplace(loop_, std::move(place_.watched));
  database_.emplace(loop_, place_.questions, place_.database);
  try_again_.emplace(loop_, [this] {
    listens_ = true;
    listen();
  });
  others_due_.emplace(loop_, [this] { ask_others(); });
  beat_.emplace(loop_, [this] { beat(); });
  beat_->repeat(kBeat);
  if (place_.address && place_.others.any) {
    ask_others();
    others_due_->repeat(kAskOthers);
  }
  if (place_.address && place_.others.follows) {
    try_again_->start(kOthersWithin);
  } else {
    listen_first();
  }
  loop_.run();
  asking_others_.reset();
  others_due_.reset();
  beat_.reset();
  try_again_.reset();
  endpoint_.reset();
  database_.reset();
  beats_.reset();
}

void Monitor::beat() {
  const auto still = standing_still();
  if (const bool stands_still = !still.empty(); std::exchange(stood_still_, stands_still) != stands_still) {
    if (stands_still) {
      log::error("{}", still);
    } else {
      log::warning("every loop turns again");
    }
  }
  metrics::Load sum;
  for (const auto& heart : beats_->hearts()) {
    sum.sessions += heart.load.sessions;
    sum.strangers += heart.load.strangers;
  }
  place_.on_beat(still, sum);
}

void Monitor::listen() {
  auto endpoint =
      HttpEndpoint::open(loop_, *place_.address,
                         [this](std::uint64_t number, const http::Request& request) { on_request(number, request); });
  if (endpoint) {
    endpoint_ = *std::move(endpoint);
    log::info("metrics address={}", place_.address->text());
    return;
  }
  // The first time it may be the process before this one, which is about to leave it.
  if (++failures_ == 2) {
    log::error("nobody can watch this bastion for now, it tries again: {}", endpoint.error().text);
  }
  try_again_->start(kAgain);
}

// A question may be older than the address is this process's.
void Monitor::answer(std::uint64_t number, const http::Response& response) {
  if (endpoint_) endpoint_->answer(number, response);
}

void Monitor::on_request(std::uint64_t number, const http::Request& request) {
  if (request.path == "/metrics") return answer(number, figures());
  if (request.path == "/healthz") return answer(number, health());
  if (request.path == "/readyz") return answer_readiness(number);
  answer(number, {.status = http::Status::not_found, .body = "there are /metrics, /healthz and /readyz\n"});
}

Moment Monitor::moment() const {
  return {.sources = place_.sources,
          .hearts = beats_->hearts(),
          .lags = beats_->lags(),
          .drains = drains_,
          .started_at = started_at_,
          .figures = process_figures(),
          .others = elsewhere_.sum(),
          .generations = 1 + elsewhere_.there(),
          .silent_generations = elsewhere_.silent()};
}

void Monitor::set_unusable_keys(std::string why) {
  const std::lock_guard lock(mutex_);
  unusable_keys_ = std::move(why);
}

std::string Monitor::unusable_keys() const {
  const std::lock_guard lock(mutex_);
  return unusable_keys_;
}

http::Response Monitor::figures() const {
  return {.body = exposition(moment()), .type = "text/plain; version=0.0.4; charset=utf-8"};
}

http::Response Monitor::health() const {
  if (drains_) return {.body = "draining\n"};
  auto still = standing_still();
  return still.empty() ? http::Response{.body = "ok\n"} : unavailable(std::move(still));
}

// A copy that is behind lets people in as it was: that makes nobody unready.
std::string Monitor::fleet_line() const {
  if (!place_.sources.fleet) return {};
  const auto fleet = place_.sources.fleet();
  return fmt::format("fleet: change {}, {}\n", fleet.change, fleet.is_current ? "current" : "not known to be current");
}

void Monitor::answer_readiness(std::uint64_t number) {
  if (drains_) return answer(number, unavailable("draining"));
  if (auto still = standing_still(); !still.empty()) return answer(number, unavailable(still));
  if (auto why = unusable_keys(); !why.empty()) return answer(number, unavailable(std::move(why)));
  database_->ask([this, number](const Result<>& readable) {
    if (drains_) return answer(number, unavailable("draining"));
    if (!readable) return answer(number, unavailable(readable.error().text));
    answer(number, http::Response{.body = "ok\n" + fleet_line()});
  });
}

}  // namespace bastion::monitor
