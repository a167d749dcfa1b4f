// A host certificate, from whoever answers where a host is looked for. What is taken for one is signed as it stands,
// and no name or time makes it more than that.
#include "bastion/transport/host_certificate.h"

#include <algorithm>

#include "bastion/transport/keys.h"
#include "tests/fuzz/require.h"

namespace bastion::transport {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  constexpr std::int64_t kNow = 1'700'000'000;
  const Bytes blob{data, size};
  const auto key = key_in_certificate(blob);
  const auto certificate = parse_host_certificate(blob);
  require(!key || is_certificate(blob), "a key is taken from certificates only");
  require(fingerprint(blob).starts_with("SHA256:"), "anything has a fingerprint");
  if (!certificate) {
    require(!certificate.error().text.empty() && certificate.error().text.find('\n') == std::string::npos,
            "an error is a line");
    return 0;
  }
  require(key && *key == certificate->key, "the key is the one that is certified");
  require(!objection(certificate->key) && !objection(certificate->ca), "both keys are accepted ones");
  require(certificate->principals.size() <= kMostPrincipals, "there are not too many names");
  require(objection(*certificate, "", kNow).has_value(), "it is for nobody without a name");
  require(objection(*certificate, "another name", kNow).has_value() ==
              (std::ranges::find(certificate->principals, "another name") == certificate->principals.end() ||
               certificate->valid_after > kNow || certificate->valid_before <= kNow),
          "it is for those it names, in its time");
  return 0;
}

}  // namespace bastion::transport
