#include "bastion/window/asset.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bastion::window {
namespace {

using Type = std::pair<std::string_view, std::string_view>;
constexpr std::array kTypes{
    Type{".css", "text/css; charset=utf-8"},       Type{".html", "text/html; charset=utf-8"},
    Type{".js", "text/javascript; charset=utf-8"}, Type{".svg", "image/svg+xml"},
    Type{".txt", "text/plain; charset=utf-8"},
};

}  // namespace

const Asset* find_asset(std::string_view name) {
  const auto all = assets();
  const auto found = std::ranges::find(all, name, &Asset::name);
  return found == all.end() ? nullptr : &*found;
}

std::string_view type_of(std::string_view name) {
  const auto found = std::ranges::find_if(kTypes, [&](const Type& type) { return name.ends_with(type.first); });
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

}  // namespace bastion::window
