// The configuration file: TOML, one flat table.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "bastion/base/result.h"
#include "bastion/config/config.h"

namespace bastion::config {

inline constexpr std::string_view kDefaultFile = "/etc/bastion/bastion.toml";
inline constexpr const char* kFileVariable = "BASTION_CONFIG";

// `text` is the content of the file called `name`. Unknown keys, wrong types and values outside their limits are
// errors, as `name:line: what is wrong and what would be right`.
[[nodiscard]] Result<Config> parse(std::string_view text, std::string_view name);

// Reads the file that was named, by an option or else by the environment; or the default file, which may be missing.
[[nodiscard]] Result<Config> load(const std::optional<std::filesystem::path>& option, const char* environment);

}  // namespace bastion::config
