#include "bastion/transport/algorithms.h"

#include <algorithm>
#include <ranges>

#include "bastion/transport/certificate.h"

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace bastion::transport {
namespace {

// AES-GCM needs the multiplication of polynomials too.
bool processor_has_aes() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("aes") != 0 && __builtin_cpu_supports("pclmul") != 0;
#elif defined(__aarch64__)
  constexpr unsigned long needed = HWCAP_AES | HWCAP_PMULL;
  return (getauxval(AT_HWCAP) & needed) == needed;
#else
  return false;
#endif
}

// Behind those that are cheap: their cost (sntrup761 takes 20 ms of a client, as group16 does) is paid only for a peer
// that has nothing else. RekeyBudget bounds how often.
constexpr const char* kMoreKeyExchange =
    ",ecdh-sha2-nistp384,ecdh-sha2-nistp521,mlkem768nistp256-sha256,diffie-hellman-group14-sha256,"
    "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,diffie-hellman-group16-sha512";
// 95 ms each: there the peer chooses numbers of 8192 bits.
constexpr const char* kCostlyKeyExchange = ",diffie-hellman-group-exchange-sha256,diffie-hellman-group18-sha512";

// RFC 8332 section 3: an RSA key is of one type, and signs in several ways.
std::string_view key_type_of(std::string_view algorithm) {
  return algorithm.starts_with("rsa-sha2-") ? "ssh-rsa" : algorithm;
}

std::string sound_ciphers() {
  static const bool has_aes = processor_has_aes();
  const std::string gcm = "aes128-gcm@openssh.com,aes256-gcm@openssh.com";
  const std::string chacha = "chacha20-poly1305@openssh.com";
  return (has_aes ? gcm + "," + chacha : chacha + "," + gcm) + ",aes128-ctr,aes256-ctr,aes192-ctr";
}

}  // namespace

bool is_cheap(std::string_view key_exchange) {
  auto names = std::string_view(kCheapKeyExchange) | std::views::split(',');
  return std::ranges::any_of(names, [&](auto name) { return std::ranges::equal(name, key_exchange); });
}

bool is_rsa(std::string_view signature_algorithm) { return key_type_of(signature_algorithm) == "ssh-rsa"; }

bool is_used(std::string_view key_type, std::string_view host_key_algorithms) {
  if (host_key_algorithms.empty()) host_key_algorithms = kHostKeys;
  auto names = host_key_algorithms | std::views::split(',');
  return std::ranges::any_of(
      names, [&](auto name) { return key_type_of(std::string_view(name.begin(), name.end())) == key_type; });
}

std::string known_first(std::string_view host_key_algorithms, std::span<const PublicKey> known) {
  std::string first;
  std::string others;
  for (const auto name : host_key_algorithms | std::views::split(',')) {
    const std::string_view algorithm(name.begin(), name.end());
    const bool is_known =
        std::ranges::any_of(known, [&](const PublicKey& key) { return key.type == key_type_of(algorithm); });
    auto& list = is_known ? first : others;
    list.append(list.empty() ? "" : ",").append(algorithm);
  }
  return first + (first.empty() || others.empty() ? "" : ",") + others;
}

ClientAlgorithms client_algorithms(Offer offer, std::string_view key_exchange) {
  ClientAlgorithms all{.key_exchange = std::string(key_exchange),
                       .host_keys = kHostKeys,
                       .ciphers = sound_ciphers(),
                       .macs = kMacs,
                       .signatures = std::string(kHostKeys) + "," + std::string(kCertificateType)};
  if (key_exchange.empty()) all.key_exchange = std::string(kCheapKeyExchange) + kMoreKeyExchange;
  if (offer == Offer::sound) return all;
  if (key_exchange.empty()) all.key_exchange += kCostlyKeyExchange;
  all.key_exchange += ",diffie-hellman-group14-sha1";
  all.host_keys += ",ssh-rsa";
  all.ciphers += ",aes128-cbc,aes192-cbc,aes256-cbc";
  all.macs += ",hmac-sha1-etm@openssh.com,hmac-sha1";
  all.signatures += ",ssh-rsa";
  return all;
}

}  // namespace bastion::transport
