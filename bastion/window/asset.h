// The files a browser is given: those of bastion/window/assets and what is bundled with them, as they were when this
// program was built.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bastion::window {

struct Asset {
  std::string_view name;  // `main.js`
  std::string_view content;
};

// Made at build time (packaging/window/assets.cmake).
[[nodiscard]] std::span<const Asset> assets();

// nullptr: there is none.
[[nodiscard]] const Asset* find_asset(std::string_view name);

// By what its name ends with. Browsers are told to believe it.
[[nodiscard]] std::string_view type_of(std::string_view name);

}  // namespace bastion::window
