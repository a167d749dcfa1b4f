#include "bastion/access/target.h"

#include <string>
#include <utility>

#include "bastion/base/name.h"
#include "bastion/base/user_name.h"

namespace bastion::access {

namespace {

std::string_view without_style(std::string_view name) { return name.substr(0, name.find(':')); }

}  // namespace

std::optional<Target> parse_target(std::string_view user_name) {
  Target target;
  const auto plus = user_name.find('+');
  auto user = user_name_of(without_style(user_name.substr(0, plus)));
  if (!user) return std::nullopt;
  target.user = *std::move(user);
  if (plus == std::string_view::npos) return target;

  auto container = user_name.substr(plus + 1);
  const auto style = container.find(':');
  if (style != std::string_view::npos && container.find_first_of("/+", style) != std::string_view::npos) {
    return std::nullopt;  // is that of the owner, or does the container have it? Nobody is led to a guess
  }
  container = container.substr(0, style);
  if (const auto between = container.find_first_of("/+"); between != std::string_view::npos) {
    auto owner = user_name_of(container.substr(0, between));
    if (!owner) return std::nullopt;
    target.owner = std::move(owner);
    container.remove_prefix(between + 1);
  }
  if (!is_name(container)) return std::nullopt;
  target.container = container;
  return target;
}

std::string text_of(const Target& target) {
  auto text = target.user;
  if (target.container) {
    text += '+';
    if (target.owner) text += *target.owner + '/';
    text += *target.container;
  }
  return text;
}

}  // namespace bastion::access
