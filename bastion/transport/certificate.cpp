#include "bastion/transport/certificate.h"

#include <openssl/rand.h>

#include <array>
#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/transport/signing.h"

namespace bastion::transport {
namespace {

constexpr std::size_t kNonceSize = 32;
// Nobody revokes what is over in a minute.
constexpr std::uint64_t kSerial = 0;

// Sorted, as sshd wants them.
constexpr std::array<std::string_view, 1> kForHops{"permit-port-forwarding"};
constexpr std::array<std::string_view, 5> kForContainers{"permit-X11-forwarding", "permit-agent-forwarding",
                                                         "permit-port-forwarding", "permit-pty", "permit-user-rc"};

std::uint64_t seconds(std::int64_t time) { return static_cast<std::uint64_t>(time); }

// The 32 bytes behind the type.
Bytes point_of(Bytes key) {
  WireReader in(key);
  in.string();
  return in.string();
}

}  // namespace

std::span<const std::string_view> extensions_of(CertificateUse use) {
  return use == CertificateUse::hop ? std::span<const std::string_view>(kForHops) : kForContainers;
}

ByteVector certificate_to_sign(const CertificateRequest& request, Bytes key, Bytes ca) {
  std::array<std::uint8_t, kNonceSize> nonce{};
  RAND_bytes(nonce.data(), static_cast<int>(nonce.size()));
  WireWriter principals;
  principals.string(request.account);
  WireWriter extensions;
  for (const auto name : extensions_of(request.use)) extensions.string(name).string(std::string_view{});
  WireWriter out;
  out.string(kCertificateType).string(Bytes(nonce)).string(point_of(key)).u64(kSerial).u32(kUserCertificate);
  out.string(request.key_id).string(principals.view());
  out.u64(seconds(request.now - kClockSkew.count())).u64(seconds(request.now + kCertificateLifetime.count()));
  const std::string_view none;  // critical options, and what is reserved
  out.string(none).string(extensions.view()).string(none).string(ca);
  return out.take();
}

Result<KeyPair> certified_key(const KeyPair& ca, const CertificateRequest& request, Bytes host_key) {
  auto key = KeyPair::generate(KeyPair::Kind::ed25519);
  if (!key) return key;
  const auto body = certificate_to_sign(request, key->public_key().blob, ca.public_key().blob);
  const SignsTowards towards(host_key, {});
  const auto signature = ca.sign(ca.public_key().type, body);
  if (!signature) return fail("there is no certificate for this login");
  WireWriter certificate;
  certificate.raw(body).string(*signature);
  if (auto done = key->certify(certificate.view()); !done) return std::unexpected(std::move(done.error()));
  return key;
}

}  // namespace bastion::transport
