#include "bastion/oidc/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/oidc/json.h"

namespace bastion::oidc {
namespace {

constexpr std::string_view kHttps = "https://";
constexpr std::size_t kLongestAddress = 512;
constexpr std::size_t kLongestCode = 64;
constexpr std::size_t kLongestDeviceCode = 4096;
constexpr std::size_t kLongestToken = std::size_t{64} * 1024;
constexpr std::size_t kLongestError = 200;
constexpr std::int64_t kLongestGood = 1800;
constexpr std::int64_t kLongestInterval = 60;

bool is_shown(char c) { return c > ' ' && c < 0x7f; }

bool can_be_shown(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most && std::ranges::all_of(text, is_shown);
}

// For a line that somebody reads.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kLongestError)) line += is_shown(c) || c == ' ' ? c : '?';
  return line;
}

Result<std::string> endpoint_in(const Json& metadata, std::string_view name) {
  auto address = text_in(metadata, name);
  if (!address) return fail("its discovery document has no {}", name);
  if (!is_https_address(*address)) return fail("the {} in its discovery document is no https address", name);
  return *std::move(address);
}

// RFC 8414: client_secret_basic, where it says nothing.
bool takes_no_header(const Json& metadata) {
  const auto methods = metadata.find("token_endpoint_auth_methods_supported");
  if (methods == metadata.end() || !methods->is_array()) return false;
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(*methods, [&](const Json& one) { return one.is_string() && one == name; });
  };
  return !has("client_secret_basic") && has("client_secret_post");
}

}  // namespace

bool is_https_address(std::string_view text) {
  if (!can_be_shown(text, kLongestAddress) || !text.starts_with(kHttps)) return false;
  const auto rest = text.substr(kHttps.size());
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  return !authority.empty() && !authority.contains('@') && !text.contains('#') && !text.contains('"') &&
         !text.contains('\\');
}

bool is_issuer(std::string_view text) { return is_https_address(text) && !text.contains('?'); }

Result<Metadata> parse_metadata(std::string_view text, std::string_view issuer) {
  const auto read = parse_object(text, "its discovery document");
  if (!read) return std::unexpected(read.error());
  const auto names = text_in(*read, "issuer");
  if (names != issuer) {
    return fail("its discovery document is of another issuer: {}", names ? one_line(*names) : "none is named");
  }
  auto device = endpoint_in(*read, "device_authorization_endpoint");
  if (!device) return std::unexpected(std::move(device.error()));
  auto token = endpoint_in(*read, "token_endpoint");
  if (!token) return std::unexpected(std::move(token.error()));
  auto keys = endpoint_in(*read, "jwks_uri");
  if (!keys) return std::unexpected(std::move(keys.error()));
  return Metadata{.device_authorization_endpoint = *std::move(device),
                  .token_endpoint = *std::move(token),
                  .jwks_uri = *std::move(keys),
                  .secret_in_body = takes_no_header(*read)};
}

Result<DeviceAuthorization> parse_device_authorization(std::string_view text) {
  constexpr std::string_view kWhat = "its answer to a device authorization request";
  const auto read = parse_object(text, kWhat);
  if (!read) return std::unexpected(read.error());
  auto device_code = text_in(*read, "device_code");
  auto user_code = text_in(*read, "user_code");
  auto address = text_in(*read, "verification_uri");
  const auto expires = number_in(*read, "expires_in", 1, 1'000'000'000);
  if (!device_code || !can_be_shown(*device_code, kLongestDeviceCode)) return fail("{} has no device_code", kWhat);
  if (!user_code || !can_be_shown(*user_code, kLongestCode)) return fail("{} has no user_code", kWhat);
  if (!address || !is_https_address(*address)) return fail("{} has no https verification_uri", kWhat);
  if (!expires) return fail("{} does not say when it expires", kWhat);
  auto complete = text_in(*read, "verification_uri_complete").value_or(std::string());
  if (!is_https_address(complete)) complete.clear();
  return DeviceAuthorization{
      .device_code = *std::move(device_code),
      .shown = {.address = *std::move(address),
                .code = *std::move(user_code),
                .address_with_code = std::move(complete),
                .good_for = std::chrono::seconds(std::min(*expires, kLongestGood))},
      .interval = std::chrono::seconds(number_in(*read, "interval", 1, kLongestInterval).value_or(5))};
}

TokenAnswer parse_token_answer(long status, std::string_view text) {
  using Kind = TokenAnswer::Kind;
  const auto read = parse_object(text, "its answer");
  if (status == 200) {
    if (!read) return {.text = "its answer to a token request: " + read.error().text};
    auto token = text_in(*read, "id_token");
    if (!token) return {.text = "its answer to a token request has no id_token: the scope openid gives one"};
    if (token->empty() || token->size() > kLongestToken) return {.text = "its id_token is too large"};
    return {.kind = Kind::signed_on, .text = *std::move(token)};
  }
  const auto error = read ? text_in(*read, "error").value_or(std::string()) : std::string();
  if (error == "authorization_pending") return {.kind = Kind::pending};
  if (error == "slow_down") return {.kind = Kind::slow_down};
  if (error == "access_denied") return {.text = "it was refused there"};
  if (error == "expired_token") return {.text = "the code has expired: log in again to get another one"};
  return {.text = "it refuses the bastion's token request: " + error_in(status, text)};
}

std::string error_in(long status, std::string_view text) {
  const auto read = parse_object(text, "its answer");
  const auto error = read ? text_in(*read, "error") : std::nullopt;
  if (!error) return fmt::format("HTTP status {}", status);
  const auto description = text_in(*read, "error_description");
  return one_line(description ? *error + ": " + *description : *error);
}

}  // namespace bastion::oidc
