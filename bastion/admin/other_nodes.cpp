#include "bastion/admin/other_nodes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "bastion/base/result.h"
#include "store/fleet/messages.h"

namespace bastion::admin {
namespace {

using store::fleet::Place;

struct NotDone {
  std::vector<std::string> silent;
  std::vector<std::string> behind;  // have answered that they have not the entry
};

Result<NotDone> tell(const Place& fleet, const NodeEffects& effects) {
  store::fleet::Messages messages(fleet.database, fleet.node, kPatienceOfNodes);
  auto found = messages.ask(line_of(NodeRequest(effects)), std::nullopt);
  if (!found) return std::unexpected(std::move(found.error()));
  NotDone left{.silent = std::move(found->silent), .behind = {}};
  for (const auto& answer : found->answers) {
    if (!sessions_in(answer.text)) left.behind.push_back(answer.node);
  }
  return left;
}

std::string is_or_are(const std::vector<std::string>& nodes, std::string_view one, std::string_view several) {
  return nodes.empty() ? std::string{}
                       : fmt::format("{} {}", fmt::join(nodes, ", "), nodes.size() == 1 ? one : several);
}

// It is in the log already, and what others have they enforce by themselves.
std::string wait_for_others(const Place& fleet, std::int64_t entry) {
  const auto left = tell(fleet, {.number = entry, .effects = {}});
  if (!left) {
    return fmt::format("whether it counts at the other bastions yet is not known: {}", left.error().text);
  }
  const auto silent = is_or_are(left->silent, "has not answered", "have not answered");
  const auto behind = is_or_are(left->behind, "is behind", "are behind");
  if (silent.empty() && behind.empty()) return {};
  return fmt::format("{}{}{}: it counts there, and ends sessions, when that has caught up", silent,
                     silent.empty() || behind.empty() ? "" : ", ", behind);
}

}  // namespace

std::string not_answered(const std::vector<std::string>& nodes, std::string_view what) {
  if (nodes.empty()) return {};
  return fmt::format("{}: {}", is_or_are(nodes, "has not answered", "have not answered"), what);
}

std::string carry_out_elsewhere(const Place& fleet, const NodeEffects& effects) {
  auto left = tell(fleet, effects);
  if (!left) return fmt::format("done at {} only: {}", fleet.node, left.error().text);
  left->silent.insert(left->silent.end(), left->behind.begin(), left->behind.end());
  return not_answered(left->silent, "it may not be done there yet");
}

std::function<std::string(std::int64_t entry)> waiting_for_others(const std::optional<Place>& fleet) {
  if (!fleet) return nullptr;
  return [place = *fleet](std::int64_t entry) { return wait_for_others(place, entry); };
}

}  // namespace bastion::admin
