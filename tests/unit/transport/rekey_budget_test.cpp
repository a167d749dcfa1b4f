// How often a peer may begin a key exchange with us.
#include "bastion/transport/rekey_budget.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/base/wire_format.h"
#include "bastion/transport/client_session.h"
#include "tests/support/memory_stream.h"
#include "tests/support/rekeying_peer.h"
#include "tests/support/two_sessions.h"

namespace bastion::transport {
namespace {

using namespace std::chrono_literals;
using enum RekeyBudget::Cost;

// What came of so many key exchanges, each of them so much later and with so much moved since the last one.
int taken_of(int times, std::uint64_t heard, std::uint64_t said, RekeyBudget::Cost cost,
             std::chrono::milliseconds later) {
  RekeyBudget budget;
  int taken = 0;
  for (int i = 1; i <= times; ++i) {
    const auto nth = static_cast<std::uint64_t>(i);
    if (budget.take(nth * heard, nth * said, cost, 7s + i * later)) ++taken;
  }
  return taken;
}

struct RekeyingPair {
  RekeyingPair(const std::string& key_exchange, std::uint64_t rekey_after)
      : peer(take(peer_stream), keys, key_exchange, rekey_after), client(take(client_stream), {.account = "alice"}) {
    client.report_to(&leg);
    logging_in = test::log_in(client, identity, host_key, outcome);
    logging_in.start([] {});
    pump();
    REQUIRE(outcome);
    REQUIRE(outcome->value() == ClientSession::AuthOutcome::accepted);
  }
  static std::unique_ptr<ByteStream> take(test::MemoryStream*& seen) {
    auto stream = std::make_unique<test::MemoryStream>();
    seen = stream.get();
    return stream;
  }
  void pump() {
    constexpr std::size_t kSlice = 64 * 1024;
    while (peer_stream->pump_to(*client_stream, kSlice) || client_stream->pump_to(*peer_stream, kSlice)) {
    }
  }
  void hears(std::size_t bytes) {
    WireWriter message;
    message.u8(94).u32(7).string(std::string(bytes, 'x'));
    peer.send(message.view());
    pump();
  }

  std::vector<KeyPair> keys = test::Pair::make_keys();
  KeyPair identity = *KeyPair::generate(KeyPair::Kind::ed25519);
  test::MemoryStream* peer_stream = nullptr;
  test::MemoryStream* client_stream = nullptr;
  test::RekeyingPeer peer;
  ClientSession client;
  test::Leg leg;
  std::optional<PublicKey> host_key;
  std::optional<Result<ClientSession::AuthOutcome>> outcome;
  Task<> logging_in;
};

}  // namespace

TEST_CASE("key exchanges after which much was moved are free, and of others there are a few in a minute") {
  constexpr auto kMany = 5000;
  CHECK(taken_of(kMany, 0, 0, cheap, 0ms) == RekeyBudget::most(cheap));
  CHECK(taken_of(kMany, RekeyBudget::kAfterCheap - 1, 0, cheap, 1ms) == RekeyBudget::most(cheap));
  CHECK(taken_of(kMany, RekeyBudget::kAfterCheap, 0, cheap, 1ms) == kMany);
  CHECK(taken_of(kMany, 0, RekeyBudget::kAfterCheap, cheap, 1ms) == kMany);
  CHECK(taken_of(kMany, RekeyBudget::kAfterCheap, RekeyBudget::kAfterCheap, costly, 1ms) == RekeyBudget::most(costly));
  CHECK(taken_of(kMany, 0, 0, RekeyBudget::Cost::moderate, 0ms) == 100);
  CHECK(taken_of(kMany, 4 << 20, 0, RekeyBudget::Cost::moderate, 50ms) == kMany);
  CHECK(taken_of(kMany, 16 << 20, 0, costly, 50ms) == kMany);  // bulk, with RekeyLimit 16M
  CHECK(taken_of(kMany, 0, 0, costly, 1h) == kMany);
  CHECK(taken_of(kMany, 0, 0, costly, 15s) == kMany);
  CHECK(taken_of(kMany, 0, 0, costly, 3s) < kMany);
}

TEST_CASE("a peer that begins one key exchange after the other is given up, whichever method it chooses") {
  for (const auto& [method, cost] :
       {std::pair{"curve25519-sha256", cheap}, {"diffie-hellman-group14-sha256", costly}}) {
    CAPTURE(std::string_view(method));
    RekeyingPair pair(method, 16);
    for (int i = 0; i < 2 * RekeyBudget::most(cheap) && !pair.leg.lost; ++i) pair.hears(1000);
    REQUIRE(pair.leg.lost);
    CHECK(pair.leg.lost->kind == Loss::Kind::broke_protocol);
    CHECK(pair.leg.lost->text == "too many key exchanges, with too little between them");
    CHECK(pair.peer.rekeys() <= RekeyBudget::most(cost) + 1);
  }
}

TEST_CASE("a user's client that begins one key exchange after the other is given up, whichever method it chooses") {
  for (const auto& [method, cost] :
       {std::pair{"curve25519-sha256", cheap}, {"sntrup761x25519-sha512@openssh.com", RekeyBudget::Cost::moderate}}) {
    CAPTURE(std::string_view(method));
    test::LoggedIn pair(64 * 1024, {.account = "alice", .key_exchange = method, .rekey_after = 16});
    pair.run(pair.identity.public_key());
    REQUIRE(pair.server.authenticated());
    WireWriter message;
    message.u8(80).string(std::string_view{"keepalive@openssh.com"}).boolean(false).string(std::string(1000, 'x'));
    int rounds = 0;
    for (; rounds < 2 * RekeyBudget::most(cost) && !pair.server_leg.lost; ++rounds) {
      pair.client.send(message.view());
      pair.pump();
    }
    REQUIRE(pair.server_leg.lost);
    CHECK(pair.server_leg.lost->text == "too many key exchanges, with too little between them");
    CHECK(rounds > RekeyBudget::most(cost) / 2);
  }
}

TEST_CASE("a peer that wants new keys after each MiB of bulk gets them") {
  RekeyingPair pair("curve25519-sha256", 1024 * 1024);
  for (int i = 0; i < 12 * 32; ++i) pair.hears(32 * 1024);
  CHECK_FALSE(pair.leg.lost);
  CHECK(pair.peer.rekeys() >= 11);
  CHECK(pair.leg.messages.size() == 12 * 32);
}

}  // namespace bastion::transport
