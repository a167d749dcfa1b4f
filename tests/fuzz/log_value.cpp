// A value of the log, from anywhere: one word of ASCII, within its bound, and two that differ stay different.
#include "bastion/base/log_value.h"

#include <algorithm>
#include <string>

#include "bastion/base/bytes.h"
#include "tests/fuzz/require.h"

namespace bastion {
namespace {

using fuzz::require;

// What was sent, from what was logged.
std::string read_back(std::string_view value) {
  if (value == "\"\"") return {};
  std::string text;
  while (!value.empty()) {
    const bool is_escaped = value.front() == '\\';
    require(!is_escaped || value.size() >= 4, "an escape is whole");
    text += is_escaped ? static_cast<char>(std::stoi(std::string(value.substr(2, 2)), nullptr, 16)) : value.front();
    value.remove_prefix(is_escaped ? 4 : 1);
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto sent = text_of(Bytes{data, size});
  const auto value = log_value(sent);
  require(!value.empty() && value.size() <= 4 * kMostOfValue + 3, "it has its bound");
  require(std::ranges::none_of(value, [](char c) { return c <= ' ' || c > '~' || c == '='; }), "it is one word");
  require(value == "\"\"" || !value.contains('"'), "it ends no quotation");
  if (sent.size() <= kMostOfValue) require(read_back(value) == sent, "it says what was sent");
  return 0;
}

}  // namespace bastion
