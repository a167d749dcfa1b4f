// A key revocation list, from whoever may run `revoke`. What is taken for one revokes certificates by serials that are
// in order and apart from each other, and no more than there may be.
#include "bastion/transport/krl.h"

#include "tests/fuzz/require.h"

namespace bastion::transport {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  const auto krl = parse_krl({data, size});
  if (!krl) {
    require(!krl.error().text.empty() && krl.error().text.find('\n') == std::string::npos, "an error is a line");
    return 0;
  }
  require(krl->size() <= kMostRevoked, "there is not too much in it");
  for (const auto& key : krl->keys) {
    require(key.starts_with("SHA256:") ? key.size() == 50 : key.starts_with("SHA1:") && key.size() == 32,
            "a key is a whole fingerprint");
  }
  for (const auto& one : krl->certificates) {
    for (std::size_t i = 0; i < one.serials.size(); ++i) {
      require(one.serials[i].first > 0 && one.serials[i].first <= one.serials[i].last, "a range is one");
      require(i == 0 || one.serials[i - 1].last + 1 < one.serials[i].first, "they are apart");
    }
    for (const auto& id : one.key_ids) require(!id.empty(), "a key id is something");
  }
  return 0;
}

}  // namespace bastion::transport
