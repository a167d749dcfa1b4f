// What an issuer answers: what a user would be shown is printable, endpoints are https, and nobody is let in by claims
// that are not for us.
#include <algorithm>
#include <array>
#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/oidc/answers.h"
#include "bastion/oidc/id_token.h"
#include "bastion/oidc/messages.h"
#include "bastion/oidc/signature.h"
#include "tests/fuzz/require.h"

namespace bastion::oidc {
namespace {

using fuzz::require;

// The headers name RS256, ES256 and EdDSA.
constexpr std::array kUnsigned{"eyJhbGciOiJSUzI1NiJ9.YQ.YQ", "eyJhbGciOiJFUzI1NiJ9.YQ.YQ",
                               "eyJhbGciOiJFZERTQSJ9.YQ.YQ"};

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = text_of(Bytes{data, size});
  if (const auto metadata = parse_metadata(text, "https://i")) {
    require(metadata->token_endpoint.starts_with("https://"), "a secret goes over https");
    require(metadata->device_authorization_endpoint.starts_with("https://"), "so too");
    require(metadata->jwks_uri.starts_with("https://"), "keys come over https");
  }
  if (const auto device = parse_device_authorization(text)) {
    require(is_printable(device->shown.address) && is_printable(device->shown.code), "it can be shown");
    require(parse_progress(encode(device->shown)) == Progress(device->shown), "and is, as it came");
  }
  require(is_printable(error_in(400, text)), "an error is one line");
  const Provider provider{
      .issuer = "https://i", .client_id = "c", .scopes = "openid", .name_claim = "n", .groups_claim = "g"};
  if (const auto person = signed_on(text, provider, 1'800'000'000)) {
    require(!person->name.empty() && !person->subject.empty(), "it names somebody");
    require(text.contains("https://i"), "of our issuer");
    require(encode(*person).size() <= kLongestProgress, "it fits a message");
  }
  require(!verified_payload(text, R"({"keys":[]})"), "without a key nothing is signed");
  for (const auto* const token : kUnsigned) {
    require(!verified_payload(token, text), "what nobody has signed is signed by no key");
  }
  return 0;
}

}  // namespace bastion::oidc
