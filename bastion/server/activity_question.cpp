#include "bastion/server/activity_question.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "bastion/loop/loop.h"
#include "bastion/server/worker.h"

namespace bastion::server {
namespace {

using admin::Activity;
using admin::LoopActivity;

constexpr std::chrono::milliseconds kWithin{1000};

std::int64_t unix_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string name_of(const monitor::Watched& watched) {
  return watched.kind == "main" ? watched.kind : fmt::format("{} {}", watched.kind, watched.number);
}

}  // namespace

struct ActivityQuestion::State {
  admin::Runtime::OnActivities on_activities;
  Activity activity;
  std::set<std::string> missing = {};  // who has not answered

  void add(Worker::Snapshot snapshot);
  void add(const std::vector<monitor::Beats::Heart>& hearts);
  void answered(const std::string& name) {
    missing.erase(name);
    if (missing.empty()) tell();
  }
  void tell();
};

void ActivityQuestion::State::add(Worker::Snapshot snapshot) {
  std::ranges::move(snapshot.sessions, std::back_inserter(activity.sessions));
  for (const auto& view : snapshot.backends) {
    const auto known = std::ranges::find(activity.backends, view.backend, &upstream::BackendView::backend);
    if (known == activity.backends.end()) {
      activity.backends.push_back(view);
    } else {
      known->add(view);
    }
  }
  activity.bytes_from_users += snapshot.load.bytes_from_users;
  activity.bytes_from_containers += snapshot.load.bytes_from_containers;
}

void ActivityQuestion::State::add(const std::vector<monitor::Beats::Heart>& hearts) {
  for (const auto& heart : hearts) {
    activity.loops.push_back({.name = name_of(heart.watched), .lag = heart.lag, .sessions = heart.load.sessions});
  }
}

void ActivityQuestion::State::tell() {
  if (!on_activities) return;
  std::ranges::sort(activity.sessions, {}, [](const auto& one) { return std::tie(one.since, one.id); });
  for (const auto& name : missing) {
    activity.missing += fmt::format("{}{}", activity.missing.empty() ? "" : ", ", name);
  }
  if (!activity.missing.empty()) activity.missing += " does not answer: what is there is missing";
  std::vector<Activity> parts;
  parts.push_back(std::move(activity));
  std::exchange(on_activities, nullptr)({.parts = std::move(parts), .missing = {}});
}

ActivityQuestion::ActivityQuestion(loop::Loop& asker, const std::vector<Worker*>& workers, const ProcessView& process,
                                   admin::Runtime::OnActivities on_activities)
    : state_(std::make_shared<State>(State{.on_activities = std::move(on_activities),
                                           .activity = {.bastion = process.bastion,
                                                        .process = process.process,
                                                        .version = BASTION_VERSION,
                                                        .began = process.began,
                                                        .at_ms = unix_milliseconds(),
                                                        .sessions = {},
                                                        .backends = {},
                                                        .refusals = process.refusals.latest(),
                                                        .strangers = metrics::named(process.counters),
                                                        .loops = {}}})),
      within_(asker, [state = state_] { state->tell(); }) {
  for (std::size_t i = 0; i < workers.size(); ++i) state_->missing.insert(fmt::format("worker {}", i));
  state_->missing.insert("the monitor");
  for (std::size_t i = 0; i < workers.size(); ++i) {
    workers[i]->snapshot([&asker, state = state_, name = fmt::format("worker {}", i)](Worker::Snapshot snapshot) {
      asker.post([state, name, snapshot = std::move(snapshot)]() mutable {
        if (!state->on_activities) return;
        state->add(std::move(snapshot));
        state->answered(name);
      });
    });
  }
  process.monitor->ask_loops([&asker, state = state_](std::vector<monitor::Beats::Heart> hearts) {
    asker.post([state, hearts = std::move(hearts)] {
      if (!state->on_activities) return;
      state->add(hearts);
      state->answered("the monitor");
    });
  });
  within_.start(kWithin);
}

ActivityQuestion::~ActivityQuestion() { state_->on_activities = nullptr; }

}  // namespace bastion::server
