// What somebody sees who looks at the bastion now: `top`, and whoever draws it another way. Of a fleet it is all
// bastions together. Made of two looks at it (activity.h), a little apart: what is said per second is between them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/admin/grammar/activity.h"
#include "bastion/admin/manifest/cells.h"

namespace bastion::admin {

struct Overview {
  struct Session {
    session::LiveSession live;  // `node` is the bastion
    double rate_from_user = 0;  // bytes a second
    double rate_from_container = 0;

    bool operator==(const Session&) const = default;
  };
  struct Backend {
    std::string name;
    std::vector<std::string> via;  // the backends before it, nearest to the bastion first
    upstream::BackendView::State state = upstream::BackendView::State::unknown;
    std::optional<double> latency_ms = std::nullopt;
    std::size_t hops = 0;
    std::size_t sessions = 0;
    std::size_t containers = 0;

    bool operator==(const Backend&) const = default;
  };
  struct Refusal {
    session::Refusal refusal;
    std::string bastion;

    bool operator==(const Refusal&) const = default;
  };
  struct Loop {
    std::string bastion;
    LoopActivity loop;

    bool operator==(const Loop&) const = default;
  };

  std::int64_t at = 0;            // Unix seconds
  std::string bastion;            // whoever was asked
  std::string version;            // of the program there
  std::int64_t began = 0;         // it serves there since: Unix seconds
  double for_seconds = 0;         // rates are of so long
  std::size_t bastions = 1;       // that have answered
  std::vector<Session> sessions;  // the oldest first
  std::vector<Backend> backends;  // by name
  double rate_from_users = 0;     // bytes a second
  double rate_from_containers = 0;
  std::vector<Refusal> refusals;                                 // the newest first, session::kMostRefusals at most
  std::vector<std::pair<std::string, std::uint64_t>> strangers;  // counters by fate, since the start
  std::vector<Loop> loops;
  std::string missing = {};  // what has not answered: a sentence, or empty

  bool operator==(const Overview&) const = default;
};

// A backend of the directory, with what is there on it.
struct PlacedBackend {
  std::int64_t id = 0;
  std::string name;
  std::vector<std::string> via;
  std::size_t containers = 0;
  std::set<std::string> direct = {};  // of these, those that are reached without going through it: `alice/web`
};

[[nodiscard]] Overview overview_of(const Activities& before, const Activities& now,
                                   const std::vector<PlacedBackend>& backends);

// `up`, `suspect`, `down`, `unknown`.
[[nodiscard]] std::string_view state_text(upstream::BackendView::State state);

// The document of `top --json`, and back: nothing where it is none.
[[nodiscard]] Cell cell_of(const Overview& overview);
[[nodiscard]] std::optional<Overview> overview_in(std::string_view json);

}  // namespace bastion::admin
