// What a program prints as keys of a user.
#include "bastion/access/printed_keys.h"

#include <cstdint>
#include <string_view>

#include "bastion/access/policy_options.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bastion;
  using fuzz::require;
  const auto printed = access::parse_printed_keys({reinterpret_cast<const char*>(data), size});
  require(printed.keys.size() <= access::kMostPrintedLines, "they are bounded");
  require((printed.left_out == 0) == printed.why.empty(), "what is left out has a reason");
  for (const auto& key : printed.keys) {
    require(access::parse_key_options(key.options).has_value(), "their options can be read");
    require(printed.find(key.key) == &key, "each stands there once");
  }
  return 0;
}
