// The configuration file: TOML, one flat table.
#pragma once

#include <cstddef>
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

// Which file it is. Decided once, so that it is the same one when it is read again.
struct Source {
  std::filesystem::path file;
  bool may_be_missing = false;  // then everything is as in the defaults
  bool json_log = false;        // whatever it says about `log`
};
// The file that was named, by an option or else by the environment; or the default file, which may be missing. One that
// is there at the start may not be missing later.
[[nodiscard]] Source source(const std::optional<std::filesystem::path>& option, const char* environment);

// Does not wait, whatever the file is: a pipe, a directory and a file of more than kMostBytes are errors.
inline constexpr std::size_t kMostBytes = std::size_t{1024} * 1024;
[[nodiscard]] Result<Config> load(const Source& source);

}  // namespace bastion::config
