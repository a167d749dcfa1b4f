// A line of the log as an object of JSON (RFC 8259), for programs that read it.
#pragma once

#include <string>
#include <string_view>

namespace bastion {

// `text` is a line as log.h has it: a sentence, and `key=value` or `key="value"` behind it, each of which becomes a
// member beside `time`, `level` and `message`. All values are strings. What is no UTF-8 becomes U+FFFD. Ends with a
// newline.
[[nodiscard]] std::string json_line(std::string_view time, std::string_view level, std::string_view text);

}  // namespace bastion
