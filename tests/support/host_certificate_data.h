// A host certificate (PROTOCOL.certkeys), put together by hand a field at a time, so that a test can spoil one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/wire_format.h"
#include "bastion/transport/keys.h"

namespace bastion::test {

struct HostCertificateData {
  PublicKey key{};
  std::string type = key.type + "-cert-v01@openssh.com";
  ByteVector nonce = ByteVector(32, 'n');
  std::uint64_t serial = 7;
  std::uint32_t kind = 2;
  std::string key_id = "the host web";
  std::vector<std::string> principals{"web"};
  std::uint64_t valid_after = 0;
  std::uint64_t valid_before = ~std::uint64_t{0};
  std::string critical_options{};
  std::string extensions{};
  std::string reserved{};
  std::string behind{};            // what the CA has signed too
  std::string behind_signature{};  // and what it has not
  std::string algorithm{};         // of the signature; empty: that of the CA's key

  [[nodiscard]] ByteVector signed_by(const transport::KeyPair& ca) const {
    WireReader plain(key.blob);
    plain.string();
    WireWriter names;
    for (const auto& name : principals) names.string(name);
    WireWriter out;
    out.string(type).string(nonce).raw(plain.rest()).u64(serial).u32(kind).string(key_id).string(names.view());
    out.u64(valid_after).u64(valid_before).string(critical_options).string(extensions).string(reserved);
    out.string(ca.public_key().blob).raw(bytes_of(behind));
    const auto signature = ca.sign(algorithm.empty() ? ca.public_key().type : algorithm, out.view());
    return out.string(signature.value_or(ByteVector{})).raw(bytes_of(behind_signature)).take();
  }
};

}  // namespace bastion::test
