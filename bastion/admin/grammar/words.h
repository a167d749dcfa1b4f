// A command line that comes as one text, as its words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::admin {

// In bytes. Nobody types more, and no script writes more into one line.
inline constexpr std::size_t kLongestLine = 64 * 1024;

// As a shell splits it: at blanks, with single quotes, double quotes and the backslash. Nothing is expanded. The quotes
// of an option of a key (`command="date"`) stay: over SSH the user's own shell has taken those around it already.
[[nodiscard]] Result<std::vector<std::string>> split_words(std::string_view line);

// A public key that was not quoted is several words: its type, its text, its comment. They become one again; the
// comment ends at the next option.
[[nodiscard]] std::vector<std::string> join_keys(std::vector<std::string> words);

// Both.
[[nodiscard]] Result<std::vector<std::string>> command_words(std::string_view line);

}  // namespace bastion::admin
