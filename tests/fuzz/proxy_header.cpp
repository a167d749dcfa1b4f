// What a connection begins with: it is waited for more only when more can come, an address is one in its canonical
// form, and with bytes behind it a header says the same.
#include "bastion/server/proxy_header.h"

#include <string>
#include <variant>

#include "bastion/base/bytes.h"
#include "tests/fuzz/require.h"

namespace bastion::server {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  const Endpoint peer{"10.1.0.5", 4000};
  const Bytes first{data, size};
  const auto verdict = read_proxy_header(peer, first);
  if (const auto* wait = std::get_if<AcceptStage::Wait>(&verdict)) {
    require(wait->bytes > size, "more is waited for than is there");
    require(wait->bytes <= AcceptStage::kMostBytes, "so much can come");
    return 0;
  }
  const auto* const pass = std::get_if<AcceptStage::Pass>(&verdict);
  if (pass == nullptr) return 0;
  require(pass->bytes > 0 && pass->bytes <= size, "the header was there");
  require(canonical_address(pass->from.host) == pass->from.host, "it is from an address");
  ByteVector longer(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(pass->bytes));
  longer.insert(longer.end(), 3, 'x');
  const auto again = read_proxy_header(peer, longer);
  const auto* const same = std::get_if<AcceptStage::Pass>(&again);
  require(same != nullptr && same->from == pass->from && same->bytes == pass->bytes, "the header ends where it ends");
  return 0;
}

}  // namespace bastion::server
