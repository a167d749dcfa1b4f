#include "bastion/signer/rules.h"

#include <algorithm>
#include <optional>
#include <string>

#include "bastion/base/log.h"
#include "bastion/base/match.h"
#include "bastion/base/printable.h"
#include "bastion/signer/claim.h"
#include "bastion/transport/certificate.h"
#include "bastion/transport/signing.h"

namespace bastion::signer {
namespace {

using transport::KeyPair;

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestKeyId = 512;  // a name has 64 characters of 4 bytes at most

bool is(const KeyPair& key, Bytes blob) { return std::ranges::equal(key.public_key().blob, blob); }

const KeyPair* one_of(const std::vector<KeyPair>& keys, Bytes blob) {
  const auto found = std::ranges::find_if(keys, [&](const KeyPair& key) { return is(key, blob); });
  return found == keys.end() ? nullptr : &*found;
}

// What an agent signs by, which may know more: no SHA-1, for nobody.
bool signs_by(const PublicKey& key, std::string_view algorithm) {
  return key.type == "ssh-rsa" ? algorithm == "rsa-sha2-256" || algorithm == "rsa-sha2-512" : algorithm == key.type;
}

Result<ByteVector> sign_with(const KeyPair* key, const Request& request) {
  if (key == nullptr) return fail("that is for another key to sign");
  if (key->is_elsewhere() && signs_by(key->public_key(), request.algorithm)) {
    return transport::sign_elsewhere({.key = request.key, .algorithm = request.algorithm, .data = request.data});
  }
  const auto signature = key->is_elsewhere() ? std::nullopt : key->sign(request.algorithm, request.data);
  if (!signature) return fail("the key does not sign by {}", printable_on_one_line(request.algorithm, kLongestName));
  return *signature;
}

Result<ByteVector> sign_as_host(const Keys& keys, const Request& request) {
  if (request.algorithm == "ssh-rsa") return fail("no host key signs with SHA-1");
  return sign_with(one_of(keys.host_keys, request.key), request);
}

std::optional<Error> objection_to(const Login& login, const Request& request, Directory& directory) {
  const auto account = printable_on_one_line(login.account, kLongestName);
  if (!std::ranges::equal(login.key, request.key) || login.algorithm != request.algorithm) {
    return Error{"the authentication request names another key or algorithm"};
  }
  const auto host = login.is_host_bound ? login.host_key : Bytes{request.host_key};
  switch (directory.standing({.account = login.account, .host_key = {host.begin(), host.end()}})) {
    case Standing::known: break;
    case Standing::known_backend:
    case Standing::known_container: return Error{"the directory has answered another question"};
    case Standing::unknown_account: return Error{fmt::format("the directory has no account {}", account)};
    case Standing::unknown_host_key:
      return Error{fmt::format("the directory has no machine with the account {} and the host key {}", account,
                               transport::fingerprint(host))};
    case Standing::unreadable: return Error{"the directory cannot be read"};
  }
  if (login.is_host_bound || transport::is_signed_by(host, request.host_signature, login.session_id)) {
    return std::nullopt;
  }
  return Error{fmt::format("nothing shows that the session is with the host key {}", transport::fingerprint(host))};
}

bool is_in_time(const Certificate& certificate, std::int64_t now) {
  if (now < 0) return false;
  const auto time = static_cast<std::uint64_t>(now);
  return certificate.valid_after <= time && time < certificate.valid_before &&
         certificate.valid_before - time <= static_cast<std::uint64_t>(transport::kCertificateLifetime.count());
}

std::optional<Error> objection_to(const Certificate& certificate, const Request& request, Directory& directory,
                                  std::int64_t now) {
  const auto account = printable_on_one_line(certificate.account, kLongestName);
  const auto permits = [&](transport::CertificateUse use) -> std::optional<Error> {
    if (std::ranges::equal(certificate.extensions, transport::extensions_of(use))) return std::nullopt;
    return Error{fmt::format("a certificate for the account {} does not permit that", account)};
  };
  if (!std::ranges::equal(certificate.ca, request.key)) return Error{"the certificate names another CA"};
  if (!is_in_time(certificate, now)) {
    return Error{fmt::format("a certificate is for the {} s that come", transport::kCertificateLifetime.count())};
  }
  if (certificate.key_id.size() > kLongestKeyId || printable(certificate.key_id) != certificate.key_id) {
    return Error{"a certificate has a key id of one line that can be printed"};
  }
  switch (directory.standing(
      {.account = certificate.account, .host_key = request.host_key, .about = Question::About::certificate})) {
    case Standing::known_backend: return permits(transport::CertificateUse::hop);
    case Standing::known_container: return permits(transport::CertificateUse::container);
    case Standing::unknown_account:
      return Error{fmt::format("the directory has no account {} that asks for a certificate", account)};
    case Standing::unknown_host_key:
      return Error{
          fmt::format("the directory has no machine with the account {} that asks for a certificate and the "
                      "host key {}",
                      account, transport::fingerprint(request.host_key))};
    case Standing::known:
    case Standing::unreadable: break;
  }
  return Error{"the directory cannot be read"};
}

}  // namespace

Holds public_halves(const Keys& keys) {
  Holds holds{.host_keys = {}, .identity = transport::public_halves(keys.identity)};
  for (const auto& key : keys.host_keys) holds.host_keys.push_back(key.public_key());
  return holds;
}

Result<ByteVector> sign(const Request& request, const Keys& keys, Directory& directory, std::int64_t now) {
  const auto claim = parse_claim(request.data);
  if (!claim) return std::unexpected(claim.error());
  return std::visit(Match{[&](const ExchangeHash&) { return sign_as_host(keys, request); },
                          [&](const HostKeyProof& proof) -> Result<ByteVector> {
                            if (!std::ranges::equal(proof.host_key, request.key)) return fail("it proves another key");
                            return sign_with(one_of(keys.host_keys, request.key), request);
                          },
                          [&](const Login& login) -> Result<ByteVector> {
                            const auto* const key = one_of(keys.identity.keys, request.key);
                            if (key == nullptr) return fail("that is for another key to sign");
                            if (auto why = objection_to(login, request, directory))
                              return std::unexpected(*std::move(why));
                            log::debug("signs a login account={} host={}",
                                       printable_on_one_line(login.account, kLongestName),
                                       login.is_host_bound ? "bound" : "proved");
                            return sign_with(key, request);
                          },
                          [&](const Certificate& certificate) -> Result<ByteVector> {
                            if (!is(keys.identity.ca, request.key)) return fail("that is for another key to sign");
                            if (auto why = objection_to(certificate, request, directory, now))
                              return std::unexpected(*std::move(why));
                            log::debug("signs a certificate account={} id={:?}",
                                       printable_on_one_line(certificate.account, kLongestName), certificate.key_id);
                            return sign_with(&keys.identity.ca, request);
                          }},
                    *claim);
}

}  // namespace bastion::signer
