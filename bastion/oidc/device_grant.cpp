#include "bastion/oidc/device_grant.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bastion/oidc/answers.h"
#include "bastion/oidc/id_token.h"
#include "bastion/oidc/signature.h"

namespace bastion::oidc {
namespace {

using std::chrono::seconds;

constexpr std::string_view kDiscovery = "/.well-known/openid-configuration";
constexpr seconds kSlower{5};  // RFC 8628 section 3.5
constexpr int kMostLost = 5;   // requests in a row without an answer

std::unexpected<Error> it(const Provider& provider, std::string_view what) {
  return fail("the issuer {}: {}", provider.issuer, what);
}

std::unexpected<Error> not_reached(const Provider& provider, std::string_view why) {
  return fail("the issuer {} cannot be reached: {}", provider.issuer, why);
}

std::unexpected<Error> is_gone() { return fail("whoever was to sign on is gone"); }

// An answer that can be read; the error names the issuer.
Result<HttpAnswer> whole(const Provider& provider, Result<HttpAnswer> answer) {
  if (!answer) return not_reached(provider, answer.error().text);
  if (!answer->is_whole) return it(provider, "its answer is longer than any may be");
  return answer;
}

Result<std::string> fetched(const Provider& provider, Http& http, const std::string& address, std::string_view what) {
  auto answer = whole(provider, http.get(address));
  if (!answer) return std::unexpected(answer.error());
  if (answer->status != 200) return it(provider, fmt::format("no {}: HTTP status {}", what, answer->status));
  return std::move(answer->body);
}

// One grant.
class Grant {
 public:
  Grant(const Provider& provider, Http& http, Asker& asker) : provider_(provider), http_(http), asker_(asker) {}

  Result<std::string> id_token();
  Result<std::string> keys() { return fetched(provider_, http_, metadata_.jwks_uri, "set of keys"); }

 private:
  Result<> discover();
  Result<> begin();
  Result<std::string> poll();
  Result<HttpAnswer> post(const std::string& address, Form form);

  const Provider& provider_;
  Http& http_;
  Asker& asker_;
  Metadata metadata_;
  DeviceAuthorization device_;
};

Result<HttpAnswer> Grant::post(const std::string& address, Form form) {
  std::optional<Http::Login> login;
  if (!provider_.client_secret.empty() && !metadata_.secret_in_body) {
    login = Http::Login{.name = provider_.client_id, .password = provider_.client_secret};
  } else {
    form.emplace_back("client_id", provider_.client_id);
    if (!provider_.client_secret.empty()) form.emplace_back("client_secret", provider_.client_secret);
  }
  return http_.post(address, form, login);
}

Result<> Grant::discover() {
  auto issuer = provider_.issuer;
  if (issuer.ends_with('/')) issuer.pop_back();
  const auto document = fetched(provider_, http_, issuer + std::string(kDiscovery), "discovery document");
  if (!document) return std::unexpected(document.error());
  auto metadata = parse_metadata(*document, provider_.issuer);
  if (!metadata) return it(provider_, metadata.error().text);
  metadata_ = *std::move(metadata);
  return {};
}

Result<> Grant::begin() {
  const auto answer = whole(provider_, post(metadata_.device_authorization_endpoint, {{"scope", provider_.scopes}}));
  if (!answer) return std::unexpected(answer.error());
  if (answer->status != 200) {
    return it(provider_, "it refuses the bastion's request: " + error_in(answer->status, answer->body));
  }
  auto device = parse_device_authorization(answer->body);
  if (!device) return it(provider_, device.error().text);
  device_ = *std::move(device);
  return {};
}

// No answer makes for a longer wait (RFC 8628 section 3.5).
Result<std::string> Grant::poll() {
  auto interval = device_.interval;
  auto left = device_.shown.good_for - std::min(interval, device_.shown.good_for);
  if (asker_.hears_within(std::min(interval, device_.shown.good_for)) == Asker::Heard::gone) return is_gone();
  for (int lost = 0;;) {
    const auto answer = post(metadata_.token_endpoint, {{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
                                                        {"device_code", device_.device_code}});
    if (!answer && ++lost >= kMostLost) return not_reached(provider_, answer.error().text);
    if (answer) {
      if (auto read = whole(provider_, answer); !read) return std::unexpected(read.error());
      lost = 0;
      auto token = parse_token_answer(answer->status, answer->body);
      if (token.kind == TokenAnswer::Kind::signed_on) return std::move(token.text);
      if (token.kind == TokenAnswer::Kind::over) return it(provider_, token.text);
      if (token.kind == TokenAnswer::Kind::slow_down) interval += kSlower;
    }
    if (left < interval) return it(provider_, "the code has expired: log in again to get another one");
    left -= interval;
    if (!asker_.waits(interval)) return is_gone();
  }
}

Result<std::string> Grant::id_token() {
  if (auto found = discover(); !found) return std::unexpected(found.error());
  if (auto begun = begin(); !begun) return std::unexpected(begun.error());
  asker_.show(device_.shown);
  return poll();
}

}  // namespace

Result<SignedOn> sign_on(const Provider& provider, Http& http, Asker& asker, const std::function<std::int64_t()>& now) {
  Grant grant(provider, http, asker);
  const auto token = grant.id_token();
  if (!token) return std::unexpected(token.error());
  const auto keys = grant.keys();
  if (!keys) return std::unexpected(keys.error());
  const auto payload = verified_payload(*token, *keys);
  if (!payload) return it(provider, payload.error().text);
  auto person = signed_on(*payload, provider, now());
  if (!person) return it(provider, person.error().text);
  return person;
}

}  // namespace bastion::oidc
