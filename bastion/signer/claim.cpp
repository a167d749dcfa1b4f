#include "bastion/signer/claim.h"

#include <algorithm>
#include <array>
#include <optional>

#include "bastion/base/wire_format.h"

namespace bastion::signer {
namespace {

constexpr std::array<std::size_t, 3> kHashSizes{32, 48, 64};
// Of a session id: the hash of the first key exchange, which SHA-1 may have made with an old peer (--legacy).
constexpr std::array<std::size_t, 4> kIdSizes{20, 32, 48, 64};
constexpr std::uint8_t kUserauthRequest = 50;

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

}  // namespace

Result<Claim> parse_claim(Bytes data) {
  if (std::ranges::find(kHashSizes, data.size()) != kHashSizes.end()) return ExchangeHash{};
  if (const auto proof = proof_in(data)) return *proof;
  if (const auto login = login_in(data)) return *login;
  return fail("it is neither an exchange hash nor a proof of a host key nor an authentication request");
}

}  // namespace bastion::signer
