// What an issuer answers (OpenID Connect Discovery 1.0, RFC 8628), read. Pure: the input comes from a network.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "bastion/base/result.h"
#include "bastion/oidc/sign_on.h"

namespace bastion::oidc {

// Whether it is the address of an issuer, or an endpoint of one: https, a host, and nothing that is not ASCII or cannot
// be shown. An issuer has no query and no fragment.
[[nodiscard]] bool is_https_address(std::string_view text);
[[nodiscard]] bool is_issuer(std::string_view text);

// Where the issuer has its endpoints.
struct Metadata {
  std::string device_authorization_endpoint;
  std::string token_endpoint;
  std::string jwks_uri;
  bool secret_in_body = false;  // it does not take the client's secret in a header (client_secret_basic)
};
// The issuer that it names must be the one that was asked, to the letter.
[[nodiscard]] Result<Metadata> parse_metadata(std::string_view text, std::string_view issuer);

struct DeviceAuthorization {
  std::string device_code;
  Shown shown;
  std::chrono::seconds interval{5};
};
[[nodiscard]] Result<DeviceAuthorization> parse_device_authorization(std::string_view text);

// What the token endpoint says when it is polled.
struct TokenAnswer {
  enum class Kind : std::uint8_t { signed_on, pending, slow_down, over };
  Kind kind = Kind::over;
  std::string text{};  // the ID token; or why it is over
};
[[nodiscard]] TokenAnswer parse_token_answer(long status, std::string_view text);

// What stands in an answer that is an error: `invalid_client: no such client`, as printable ASCII of one line; or the
// status where nothing does.
[[nodiscard]] std::string error_in(long status, std::string_view text);

}  // namespace bastion::oidc
