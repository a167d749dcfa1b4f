// An authentication request before anything is known about who sends it: what is taken from it was in it, and an
// unsigned one carries nothing that was not taken.
#include <algorithm>

#include "bastion/access/certificate.h"
#include "bastion/auth/methods.h"
#include "bastion/base/wire_format.h"
#include "bastion/transport/auth_request.h"
#include "bastion/transport/keyboard_interactive.h"
#include "tests/fuzz/require.h"

namespace bastion::auth {
namespace {

bool is_in(Bytes part, Bytes whole) { return std::ranges::search(whole, part).size() == part.size(); }

// The fields of the same claim, written from what was read of it.
ByteVector written(const std::string& algorithm, Bytes blob) {
  WireWriter out;
  out.boolean(false).string(algorithm).string(blob);
  return out.take();
}

void look_at(const transport::UserauthFields& fields, Bytes rest, const std::string& algorithm, Bytes blob,
             bool is_signed) {
  using fuzz::require;
  require(is_in(blob, rest), "what is claimed was shown");
  require(algorithm != "ssh-rsa" && algorithm != "ssh-rsa-cert-v01@openssh.com", "SHA-1 signs nothing");
  if (fields.method == kPublickey && !is_signed) {
    require(std::ranges::equal(written(algorithm, blob), rest), "an unsigned request is no more");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  const Bytes packet{data, size};
  const auto fields = transport::parse_userauth_request(packet);
  if (!fields) return 0;
  require(is_in(bytes_of(fields->user), packet), "the user was named");
  require(is_in(bytes_of(fields->method), packet), "the method was named");
  require(fields->head <= size, "the method's own fields are in the packet");

  const auto* const method = find_method(fields->method);
  if (method == nullptr) return 0;
  const auto rest = packet.subspan(fields->head);
  const auto claim = method->claim(fields->method, rest);
  if (!claim) return 0;
  if (std::holds_alternative<InteractiveClaim>(*claim)) {
    require(transport::is_interactive_request(rest), "it is one");
    return 0;
  }
  if (const auto* const typed = std::get_if<PasswordClaim>(&*claim)) {
    require(is_in(bytes_of(typed->password), rest) && can_be_password(typed->password), "it was typed");
    require(!typed->next || is_in(bytes_of(*typed->next), rest), "so was the new one");
    return 0;
  }
  if (const auto* const key = std::get_if<KeyClaim>(&*claim)) {
    require(is_in(bytes_of(key->key.type), key->key.blob), "the key says its type");
    look_at(*fields, rest, key->algorithm, key->key.blob, key->is_signed);
    return 0;
  }
  const auto& shown = std::get<CertificateClaim>(*claim);
  look_at(*fields, rest, shown.algorithm, shown.certificate.blob, shown.is_signed);
  require(transport::parse_user_certificate(shown.certificate.blob) == shown.certificate, "it says the same again");
  require(!transport::objection(shown.certificate.key) && !transport::objection(shown.certificate.ca),
          "both keys are accepted ones");
  const auto policy = access::policy_of(shown.certificate);
  require(!policy || policy->pty == shown.certificate.has("permit-pty"), "what no extension permits is not allowed");
  return 0;
}

}  // namespace bastion::auth
