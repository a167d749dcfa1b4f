// A line of the log as JSON: whatever stands in it, another reader understands it, and what a stranger has sent stays
// one value.
#include "bastion/base/json_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "bastion/base/bytes.h"
#include "bastion/base/log_value.h"
#include "tests/fuzz/require.h"

namespace bastion {
namespace {

using fuzz::require;

nlohmann::json read(const std::string& text) {
  const auto line = json_line("T", "info", text);
  require(std::ranges::count(line, '\n') == 1 && line.ends_with("}\n"), "it is one line");
  return nlohmann::json::parse(line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string sent(text_of(Bytes{data, size}));
  require(read(sent).at("level") == "info" || sent.contains("level="), "it is an object");
  const auto denied = read(fmt::format("login denied user={} method=none", log_value(sent)));
  require(denied.size() == 5 && denied.at("method") == "none", "a value makes no field");
  const auto said = read(fmt::format("container says id=1 text={:?}", sent));
  require(said.size() == 5 && said.at("id") == "1", "nor does one in quotes");
  return 0;
}

}  // namespace bastion
