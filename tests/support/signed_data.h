// What is signed in SSH, put together by hand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/wire_format.h"

namespace bastion::test {

inline constexpr std::string_view kHostBound = "publickey-hostbound-v00@openssh.com";

// An authentication request (RFC 4252 section 7), a field at a time, so that a test can spoil one.
struct LoginData {
  ByteVector session_id = ByteVector(32, 's');
  std::uint8_t number = 50;
  std::string account = "hop";
  std::string service = "ssh-connection";
  std::string method = "publickey";
  std::uint8_t is_signed = 1;
  std::string algorithm = "ssh-ed25519";
  ByteVector key{};
  ByteVector host_key{};  // where the method is kHostBound
  std::string behind{};

  [[nodiscard]] ByteVector bytes() const {
    WireWriter out;
    out.string(session_id).u8(number).string(account).string(service).string(method).u8(is_signed);
    out.string(algorithm).string(key);
    if (method == kHostBound) out.string(host_key);
    return out.raw(bytes_of(behind)).take();
  }
};

// What a CA signs of a user certificate (PROTOCOL.certkeys), likewise.
struct CertificateData {
  std::string type = "ssh-ed25519-cert-v01@openssh.com";
  ByteVector nonce = ByteVector(32, 'n');
  ByteVector key = ByteVector(32, 'k');
  std::uint32_t kind = 1;
  std::string key_id = "alice@bastion 1";
  std::vector<std::string> principals{"hop"};
  std::uint64_t valid_after = 0;
  std::uint64_t valid_before = 60;
  std::string critical_options{};
  std::vector<std::string> extensions{"permit-port-forwarding"};
  std::string value{};  // of each extension
  std::string reserved{};
  ByteVector ca = ByteVector(51, 'c');
  std::string behind{};

  [[nodiscard]] ByteVector bytes() const {
    WireWriter names;
    for (const auto& name : principals) names.string(name);
    WireWriter options;
    for (const auto& name : extensions) options.string(name).string(value);
    WireWriter out;
    out.string(type).string(nonce).string(key).u64(7).u32(kind).string(key_id).string(names.view());
    out.u64(valid_after).u64(valid_before).string(critical_options).string(options.view()).string(reserved).string(ca);
    return out.raw(bytes_of(behind)).take();
  }
};

inline ByteVector proof_data(Bytes session_id, Bytes host_key) {
  WireWriter out;
  return out.string(std::string_view{"hostkeys-prove-00@openssh.com"}).string(session_id).string(host_key).take();
}

}  // namespace bastion::test
