// What is below the connection protocol (RFC 4253): numbers nobody knows, key exchanges that never end, and bytes that
// are no packet.
#include "bastion/base/wire_format.h"
#include "tests/hostile/behaviour.h"

namespace bastion::hostile {
namespace {

constexpr std::uint8_t kDisconnect = 1;
constexpr std::uint8_t kIgnore = 2;
constexpr std::uint8_t kServiceRequest = 5;
constexpr std::uint8_t kKexinit = 20;
constexpr std::uint8_t kUserauthRequest = 50;
constexpr std::uint8_t kUserauthBanner = 53;
constexpr std::uint8_t kUnknown = 200;
constexpr int kTries = 30;

Task<> flood_of(Peer& peer, ByteVector message) {
  peer.stop_listening();
  const std::function<void()> say = [&] { peer.say_bytes(message); };
  co_await peer.flood(say);
}

// Each is answered with SSH_MSG_UNIMPLEMENTED.
Task<> flood_of_unknown_numbers(Peer& peer) { return flood_of(peer, ByteVector{kUnknown}); }

Task<> every_unknown_number(Peer& peer) {
  for (const auto number : ByteVector{8, 15, 22, 29, 35, 49, 54, 67, 79, 83, 89, 101, 127, 128, 191, 192, 255}) {
    peer.say_bytes(ByteVector{number, 0, 0, 0, 0});
  }
  return peer.settled();
}

Task<> flood_of_nothing(Peer& peer) {
  WireWriter message;
  message.u8(kIgnore).string(ByteVector(30'000, 'i'));
  return flood_of(peer, message.take());
}

ByteVector service_request() {
  WireWriter message;
  message.u8(kServiceRequest).string(std::string_view{"ssh-userauth"});
  return message.take();
}
Task<> flood_of_service_requests(Peer& peer) { return flood_of(peer, service_request()); }

ByteVector userauth_request() {
  WireWriter message;
  message.u8(kUserauthRequest).string(std::string_view{"alice"}).string(std::string_view{"ssh-connection"});
  message.string(std::string_view{"none"});
  return message.take();
}
Task<> flood_of_authentication(Peer& peer) { return flood_of(peer, userauth_request()); }

// As many as one connection may try and more, said before any is answered.
Task<> signatures(Peer& peer, std::string_view algorithm, Bytes key) {
  WireWriter signature;
  signature.string(algorithm).string(ByteVector(384, 0x55));
  WireWriter message;
  message.u8(kUserauthRequest).string(std::string_view{"alice"}).string(std::string_view{"ssh-connection"});
  message.string(std::string_view{"publickey"}).boolean(true).string(algorithm).string(key);
  message.string(signature.view());
  for (int i = 0; i < kTries; ++i) peer.say_bytes(message.view());
  while (co_await peer.hear()) {
  }
}

// An exponent as long as the modulus: to verify a signature takes 70 times as long as with the usual one.
Task<> signatures_by_a_costly_key(Peer& peer) {
  WireWriter key;
  key.string(std::string_view{"ssh-rsa"}).string(ByteVector(383, 0x7f)).string(ByteVector(384, 0x7f));
  const auto blob = key.take();
  co_await signatures(peer, "rsa-sha2-512", blob);
}
Task<> signatures_by_an_unknown_key(Peer& peer) {
  WireWriter key;
  key.string(std::string_view{"ssh-ed25519"}).string(ByteVector(32, 0x7f));
  const auto blob = key.take();
  co_await signatures(peer, "ssh-ed25519", blob);
}

Task<> flood_of_banners(Peer& peer) {
  WireWriter message;
  message.u8(kUserauthBanner).string(ByteVector(64, 'b')).string(std::string_view{});
  return flood_of(peer, message.take());
}

Task<> disconnect_by_the_dozen(Peer& peer) {
  WireWriter message;
  message.u8(kDisconnect)
      .u32(2)
      .string(std::string_view{"\x1b[2Jnever mind\n\nlogin ended"})
      .string(std::string_view{});
  for (int i = 0; i < 12; ++i) peer.say_bytes(message.view());
  return peer.settled();
}

Task<> bytes_that_are_no_packet(Peer& peer) {
  peer.spoil(ByteVector(100'000, 0xa5));
  return peer.settled();
}

// A KEXINIT as it should be, and then nothing of what has to follow.
ByteVector kexinit() {
  WireWriter message;
  message.u8(kKexinit).raw(ByteVector(16, 'c')).string(std::string_view{"curve25519-sha256"});
  message.string(std::string_view{"ssh-ed25519"});
  for (int i = 0; i < 2; ++i) message.string(std::string_view{"aes256-gcm@openssh.com"});
  for (int i = 0; i < 2; ++i) message.string(std::string_view{"hmac-sha2-256"});
  for (int i = 0; i < 2; ++i) message.string(std::string_view{"none"});
  for (int i = 0; i < 2; ++i) message.string(std::string_view{});
  message.boolean(false).u32(0);
  return message.take();
}

Task<> kexinit_again_and_again(Peer& peer) { return flood_of(peer, kexinit()); }

Task<> key_exchange_that_never_ends(Peer& peer, ByteVector meanwhile) {
  peer.stop_listening();
  peer.say_bytes(kexinit());
  const std::function<void()> say = [&] { peer.say_bytes(meanwhile); };
  co_await peer.flood(say);
}
// What is answered during a key exchange is queued until its end.
Task<> unknown_numbers_in_a_key_exchange(Peer& peer) {
  return key_exchange_that_never_ends(peer, ByteVector{kUnknown});
}
Task<> questions_in_a_key_exchange(Peer& peer) {
  const connection::GlobalRequest question{"keepalive@openssh.com", true, {}};
  return key_exchange_that_never_ends(peer, encode(question));
}

// Before authentication there is one service to be had.
Task<> another_service(Peer& peer) {
  WireWriter message;
  message.u8(kServiceRequest).string(std::string_view{"ssh-connection"});
  peer.say_bytes(message.view());
  while (co_await peer.hear()) {
  }
}

// What it says goes into the log, where others look for addresses.
Task<> disconnect_with_a_forged_line(Peer& peer) {
  constexpr std::string_view kForged =
      "x\" from=10.9.9.9 port=22 users=x\r\n2026-11-27T03:00:00.000 info: login failed id=abc from=10.9.9.9 port=22 "
      "users=x attempts=1 reason=client_vanished\n";
  WireWriter message;
  message.u8(kDisconnect).u32(14).string(kForged).string(std::string_view{});
  peer.say_bytes(message.view());
  while (co_await peer.hear()) {
  }
}

constexpr Behaviour kTransport[] = {
    {"flood_of_unknown_numbers", flood_of_unknown_numbers},
    {"every_unknown_number", every_unknown_number},
    {"flood_of_nothing", flood_of_nothing},
    {"flood_of_service_requests", flood_of_service_requests},
    {"flood_of_authentication", flood_of_authentication},
    {"flood_of_banners", flood_of_banners},
    {"disconnect_by_the_dozen", disconnect_by_the_dozen},
    {"bytes_that_are_no_packet", bytes_that_are_no_packet},
    {"kexinit_again_and_again", kexinit_again_and_again},
    {"unknown_numbers_in_a_key_exchange", unknown_numbers_in_a_key_exchange},
    {"questions_in_a_key_exchange", questions_in_a_key_exchange},
};

constexpr Behaviour kStrangers[] = {
    {"flood_of_unknown_numbers", flood_of_unknown_numbers},
    {"flood_of_service_requests", flood_of_service_requests},
    {"flood_of_authentication", flood_of_authentication},
    {"flood_of_nothing", flood_of_nothing},
    {"signatures_by_a_costly_key", signatures_by_a_costly_key},
    {"signatures_by_an_unknown_key", signatures_by_an_unknown_key},
    {"another_service", another_service},
    {"disconnect_with_a_forged_line", disconnect_with_a_forged_line},
    {"unknown_numbers_in_a_key_exchange", unknown_numbers_in_a_key_exchange},
    {"kexinit_again_and_again", kexinit_again_and_again},
};

}  // namespace

std::span<const Behaviour> about_the_transport() { return kTransport; }
std::span<const Behaviour> behaviours_of_strangers() { return kStrangers; }

}  // namespace bastion::hostile
