#include "bastion/signer/claim.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/transport/certificate.h"

namespace bastion::signer {
namespace {

constexpr std::array<std::size_t, 3> kHashSizes{32, 48, 64};
// Of a session id: the hash of the first key exchange, which SHA-1 may have made with an old peer (--legacy).
constexpr std::array<std::size_t, 4> kIdSizes{20, 32, 48, 64};
constexpr std::uint8_t kUserauthRequest = 50;
// Of a certificate.
constexpr std::size_t kNonceSize = 32;
constexpr std::size_t kKeySize = 32;

bool is_id(Bytes id) { return std::ranges::find(kIdSizes, id.size()) != kIdSizes.end(); }

std::optional<HostKeyProof> proof_in(Bytes data) {
  WireReader in(data);
  const auto name = in.text();
  const HostKeyProof proof{.session_id = in.string(), .host_key = in.string()};
  if (name != "hostkeys-prove-00@openssh.com" || !is_id(proof.session_id) || !in.at_end()) return std::nullopt;
  return proof;
}

std::optional<Login> login_in(Bytes data) {
  WireReader in(data);
  Login login{.session_id = in.string()};
  const auto number = in.u8();
  login.account = in.text();
  const auto service = in.text();
  const auto method = in.text();
  const auto is_signed = in.u8();
  login.algorithm = in.text();
  login.key = in.string();
  login.is_host_bound = method == "publickey-hostbound-v00@openssh.com";
  if (login.is_host_bound) login.host_key = in.string();
  if (!in.at_end() || !is_id(login.session_id) || number != kUserauthRequest || service != "ssh-connection" ||
      is_signed != 1 || (!login.is_host_bound && method != "publickey")) {
    return std::nullopt;
  }
  return login;
}

std::optional<std::vector<std::string_view>> names_without_values(Bytes options) {
  WireReader in(options);
  std::vector<std::string_view> names;
  while (in.ok() && !in.at_end()) {
    names.push_back(in.text());
    if (!in.string().empty()) return std::nullopt;
  }
  return in.ok() ? std::optional(std::move(names)) : std::nullopt;
}

std::optional<Certificate> certificate_in(Bytes data) {
  WireReader in(data);
  const auto type = in.text();
  const auto nonce = in.string();
  const auto key = in.string();
  in.u64();  // the serial
  const auto kind = in.u32();
  Certificate certificate;
  certificate.key_id = in.text();
  WireReader principals(in.string());
  certificate.account = principals.text();
  certificate.valid_after = in.u64();
  certificate.valid_before = in.u64();
  const auto critical_options = in.string();
  auto extensions = names_without_values(in.string());
  const auto reserved = in.string();
  certificate.ca = in.string();
  if (!in.at_end() || type != transport::kCertificateType || nonce.size() != kNonceSize || key.size() != kKeySize ||
      kind != transport::kUserCertificate || !principals.at_end() || certificate.account.empty() ||
      !critical_options.empty() || !extensions || !reserved.empty()) {
    return std::nullopt;
  }
  certificate.extensions = *std::move(extensions);
  return certificate;
}

}  // namespace

Result<Claim> parse_claim(Bytes data) {
  if (std::ranges::find(kHashSizes, data.size()) != kHashSizes.end()) return ExchangeHash{};
  if (const auto proof = proof_in(data)) return *proof;
  if (const auto login = login_in(data)) return *login;
  if (auto certificate = certificate_in(data)) return *std::move(certificate);
  return fail(
      "it is neither an exchange hash nor a proof of a host key nor an authentication request nor a certificate for a "
      "login");
}

}  // namespace bastion::signer
