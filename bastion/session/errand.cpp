#include "bastion/session/errand.h"

#include <string_view>
#include <utility>

namespace bastion::session {
namespace {

// The words behind the name of a subsystem, where that is asked for.
std::optional<std::string> words_behind(std::string_view name, const connection::SessionStart& start) {
  if (start.kind != connection::SessionStart::Kind::subsystem || !start.words.starts_with(name)) return std::nullopt;
  if (start.words.size() == name.size()) return std::string{};
  if (start.words[name.size()] != ' ') return std::nullopt;
  return start.words.substr(name.size() + 1);
}

}  // namespace

std::optional<Errand> errand_of(const connection::SessionStart& start) {
  using Door = AdminEndpoint::Door;
  if (auto words = words_behind(AdminEndpoint::kSubsystem, start)) return Errand{Door::admin, *std::move(words)};
  if (auto words = words_behind(AdminEndpoint::kOwnSubsystem, start)) return Errand{Door::own, *std::move(words)};
  return std::nullopt;
}

}  // namespace bastion::session
