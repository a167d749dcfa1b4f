#include "bastion/server/fan_out.h"

#include <algorithm>
#include <map>
#include <utility>

#include "bastion/loop/loop.h"
#include "bastion/server/worker.h"

namespace bastion::server {
namespace {

// A backend as all workers see it together.
struct View {
  upstream::Prospect prospect;
  Worker* measures = nullptr;  // the one that has a hop there
};

}  // namespace

struct FanOut::State {
  loop::Loop& asker;
  std::vector<Worker*> workers;
  OnKnown on_known;
  std::size_t missing = 0;  // answers, of the questions that are open now
  std::map<std::int64_t, View> views = {};
  std::vector<upstream::Reachability> known = {};

  static void look(const std::shared_ptr<State>& state, const std::optional<std::string>& backend);
  static void measure(const std::shared_ptr<State>& state);
  void take(Worker& from, const std::vector<upstream::Prospect>& prospects);
  void take(upstream::Reachability reachability);
  void tell() {
    if (on_known) std::exchange(on_known, nullptr)(std::move(known));
  }
};

void FanOut::State::look(const std::shared_ptr<State>& state, const std::optional<std::string>& backend) {
  state->missing = state->workers.size();
  for (auto* const worker : state->workers) {
    worker->look(backend, [state, worker](std::vector<upstream::Prospect> prospects) {
      state->asker.post([state, worker, prospects = std::move(prospects)] {
        state->take(*worker, prospects);
        if (--state->missing == 0 && state->on_known) measure(state);
      });
    });
  }
}

// Where no worker has a hop, it is always the same one that dials, so that a backend sees one dial however many ask.
void FanOut::State::measure(const std::shared_ptr<State>& state) {
  for (const auto& [backend, view] : state->views) {
    if (view.prospect.way.empty()) {
      state->known.push_back({.backend = backend, .last_success = view.prospect.last_success});
      continue;
    }
    ++state->missing;
    const auto dialler = static_cast<std::size_t>(view.prospect.way.back().backend) % state->workers.size();
    auto* const worker = view.measures != nullptr ? view.measures : state->workers[dialler];
    worker->check_health(view.prospect.way, [state, backend](upstream::Reachability found) {
      found.backend = backend;
      state->asker.post([state, found = std::move(found)]() mutable { state->take(std::move(found)); });
    });
  }
  if (state->missing == 0) state->tell();
}

void FanOut::State::take(Worker& from, const std::vector<upstream::Prospect>& prospects) {
  for (const auto& prospect : prospects) {
    auto& view = views.try_emplace(prospect.backend, View{prospect, nullptr}).first->second;
    if (prospect.has_hop && view.measures == nullptr) view.measures = &from;
    view.prospect.last_success = std::max(view.prospect.last_success, prospect.last_success);
  }
}

void FanOut::State::take(upstream::Reachability reachability) {
  const auto& before = views.at(reachability.backend).prospect.last_success;
  reachability.last_success = std::max(before, reachability.last_success);
  known.push_back(std::move(reachability));
  if (--missing == 0) tell();
}

FanOut::FanOut(loop::Loop& asker, std::vector<Worker*> workers, const std::optional<std::string>& backend,
               OnKnown on_known)
    : state_(std::make_shared<State>(
          State{.asker = asker, .workers = std::move(workers), .on_known = std::move(on_known)})) {
  State::look(state_, backend);
}

FanOut::~FanOut() { state_->on_known = nullptr; }

}  // namespace bastion::server
