// What processes that serve from one state directory ask each other: a line of JSON each way. They may be of different
// releases: what one does not know it leaves out, and what it is not told is empty.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bastion/access/container_place.h"
#include "bastion/admin/grammar/activity.h"
#include "bastion/admin/peer_figures.h"
#include "bastion/base/network.h"
#include "bastion/base/reason.h"
#include "bastion/session/live_session.h"

namespace bastion::admin {

// As Runtime has them, for what runs in that process alone.
struct PeerSessions {};
struct PeerActivities {};
struct PeerEnd {
  std::vector<std::string> sessions;
  End end;
};
struct PeerVacate {
  access::ContainerPlace place;
  End end;
};
struct PeerBans {
  std::optional<Network> lifted;
};
struct PeerFiguresQuestion {};
// The process that says so ends.
struct PeerLastFigures {
  std::string id;
  PeerSamples samples;
};
using PeerQuestion =
    std::variant<PeerSessions, PeerActivities, PeerEnd, PeerVacate, PeerBans, PeerFiguresQuestion, PeerLastFigures>;

[[nodiscard]] std::string line_of(const PeerQuestion& question);
[[nodiscard]] std::optional<PeerQuestion> peer_question_in(std::string_view line);

// The answer. To what is to be done there are none of them.
[[nodiscard]] std::string line_of(const std::vector<session::LiveSession>& sessions);
[[nodiscard]] std::optional<std::vector<session::LiveSession>> sessions_in(std::string_view line);
// And to the question what happens. Of what has too much of something only so much of it is read.
[[nodiscard]] std::string line_of(const std::vector<Activity>& activities);
[[nodiscard]] std::optional<std::vector<Activity>> activities_in(std::string_view line);
// And to the question what was counted.
[[nodiscard]] std::string line_of(const PeerFigures& figures);
[[nodiscard]] std::optional<PeerFigures> figures_in(std::string_view line);

}  // namespace bastion::admin
