// Both roles against each other, in memory: no socket, no loop, and the bytes cut at every awkward place.
#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "bastion/base/wire_format.h"
#include "bastion/transport/client_session.h"
#include "bastion/transport/server_session.h"
#include "tests/support/memory_wire.h"

namespace bastion::transport {
namespace {

struct Ear final : Session::Owner {
  void on_message(MutableBytes packet) override {
    messages.emplace_back(packet.begin(), packet.end());
    if (throws) throw std::out_of_range("nobody expected it");
  }
  void on_drained() override {}
  void on_lost(const Loss& loss) override { lost = loss; }

  std::vector<ByteVector> messages;
  std::optional<Loss> lost;
  bool throws = false;
};

// A server and a client of it, tied together.
struct Pair {
  explicit Pair(std::size_t bytes_at_once = 4096, ClientSession::Options options = {.login = "alice"})
      : slice(bytes_at_once),
        profile(keys, ""),
        server(take(server_wire), profile),
        client(take(client_wire), options) {
    server.report_to(&server_ear);
    client.report_to(&client_ear);
  }

  std::unique_ptr<Wire> take(test::MemoryWire*& seen) {
    auto wire = std::make_unique<test::MemoryWire>();
    seen = wire.get();
    return wire;
  }
  void pump() {
    while (server_wire->pump_to(*client_wire, slice) || client_wire->pump_to(*server_wire, slice)) {
    }
  }

  static std::vector<KeyPair> make_keys() {
    std::vector<KeyPair> made;
    made.push_back(*KeyPair::generate(KeyPair::Kind::ed25519));
    made.push_back(*KeyPair::generate(KeyPair::Kind::ecdsa));
    return made;
  }

  std::size_t slice;
  std::vector<KeyPair> keys = make_keys();
  KeyPair identity = *KeyPair::generate(KeyPair::Kind::ed25519);
  test::MemoryWire* server_wire = nullptr;
  test::MemoryWire* client_wire = nullptr;
  ServerProfile profile;
  ServerSession server;
  ClientSession client;
  Ear server_ear;
  Ear client_ear;
};

// What the server's side of a login does, cut down to one rule.
Task<> answer_all(ServerSession& server, PublicKey accepted, std::vector<std::string>& users) {
  while (true) {
    auto request = co_await server.auth_requests().next();
    users.push_back(request.user());
    if (request.kind() != AuthRequest::Kind::other && request.key() == accepted) {
      request.grant();
    } else {
      request.deny();
    }
  }
}

Task<> log_in(ClientSession& client, const KeyPair& identity, std::optional<PublicKey>& host_key,
              std::optional<Result<ClientSession::AuthOutcome>>& outcome) {
  const auto key = co_await client.host_key();
  if (!key) co_return;
  host_key = *key;
  client.authenticate(identity);
  outcome = co_await client.authenticated();
}

struct LoggedIn : Pair {
  using Pair::Pair;
  void run(const PublicKey& accepted) {
    serving = answer_all(server, accepted, users);
    serving.start([] {});
    logging_in = log_in(client, identity, host_key, outcome);
    logging_in.start([] {});
    pump();
  }

  std::vector<std::string> users;
  std::optional<PublicKey> host_key;
  std::optional<Result<ClientSession::AuthOutcome>> outcome;
  Task<> serving;
  Task<> logging_in;
};

ByteVector some_message(std::size_t size) {
  WireWriter message;
  message.u8(94).u32(7).string(std::string(size, 'x'));
  return message.take();
}

}  // namespace

TEST_CASE("a client with the right key gets in, wherever the bytes are cut") {
  for (const std::size_t slice : {1U, 7U, 1000U, 65536U}) {
    CAPTURE(slice);
    LoggedIn pair(slice);
    pair.run(pair.identity.public_key());
    REQUIRE(pair.outcome);
    REQUIRE(pair.outcome->has_value());
    CHECK(**pair.outcome == ClientSession::AuthOutcome::accepted);
    CHECK(pair.host_key == pair.keys[0].public_key());
    CHECK(pair.users.back() == "alice");
    CHECK(pair.server.authenticated());
  }
}

TEST_CASE("a client with a wrong key is refused") {
  LoggedIn pair;
  pair.run(pair.keys[0].public_key());
  REQUIRE(pair.outcome);
  REQUIRE(pair.outcome->has_value());
  CHECK(**pair.outcome == ClientSession::AuthOutcome::refused);
  CHECK_FALSE(pair.server.authenticated());
}

// A request with a key, as RFC 4252 section 7 has it; without a signature where that is empty.
ByteVector userauth_request(std::string_view algorithm, const PublicKey& key, Bytes signature) {
  WireWriter message;
  message.u8(50).string(std::string_view{"alice"}).string(std::string_view{"ssh-connection"});
  message.string(std::string_view{"publickey"}).boolean(!signature.empty()).string(algorithm).string(key.blob);
  if (!signature.empty()) message.string(signature);
  return message.take();
}

// What the server makes of a request that a client sends.
AuthRequest::Kind kind_of(const ByteVector& request) {
  LoggedIn pair;
  std::optional<AuthRequest::Kind> kind;
  const auto serve = [](ServerSession& server, std::optional<AuthRequest::Kind>& seen) -> Task<> {
    seen = (co_await server.auth_requests().next()).kind();
  };
  pair.serving = serve(pair.server, kind);
  pair.serving.start([] {});
  pair.pump();
  pair.client.send(request);
  pair.pump();
  return kind.value();
}

TEST_CASE("what cannot let anybody in is seen before anything is verified") {
  using Kind = AuthRequest::Kind;
  const auto ours = KeyPair::generate(KeyPair::Kind::ed25519)->public_key();
  const auto rsa = KeyPair::generate(KeyPair::Kind::rsa)->public_key();
  const auto signature = [](std::string_view algorithm) {
    WireWriter made;
    made.string(algorithm).string(ByteVector(64, 1));
    return made.take();
  };
  CHECK(kind_of(userauth_request("ssh-ed25519", ours, {})) == Kind::probe);
  CHECK(kind_of(userauth_request("ssh-ed25519", ours, signature("ssh-ed25519"))) == Kind::signed_);
  CHECK(kind_of(userauth_request("rsa-sha2-512", rsa, {})) == Kind::probe);
  CHECK(kind_of(userauth_request("ssh-rsa", rsa, {})) == Kind::other);
  CHECK(kind_of(userauth_request("rsa-sha2-512", ours, {})) == Kind::other);
  CHECK(kind_of(userauth_request("ssh-ed25519", ours, signature("rsa-sha2-512"))) == Kind::other);
  WireWriter costly;
  costly.string(std::string_view{"ssh-rsa"}).string(ByteVector(383, 0x7f)).string(ByteVector(384, 0x7f));
  const PublicKey made_up{.type = "ssh-rsa", .blob = costly.take()};
  CHECK(kind_of(userauth_request("rsa-sha2-512", made_up, signature("rsa-sha2-512"))) == Kind::other);
}

TEST_CASE("requests are answered one by one, and nothing is read while one is not") {
  LoggedIn pair(128 * 1024);
  std::vector<AuthRequest> out;
  const auto keep = [](ServerSession& server, std::vector<AuthRequest>& kept) -> Task<> {
    while (true) kept.push_back(co_await server.auth_requests().next());
  };
  pair.serving = keep(pair.server, out);
  pair.serving.start([] {});
  pair.pump();
  constexpr int kAsked = 30;
  const auto probe = userauth_request("ssh-ed25519", pair.identity.public_key(), {});
  for (int i = 0; i < kAsked; ++i) pair.client.send(probe);
  pair.pump();
  for (int i = 0; i < kAsked; ++i) {
    REQUIRE(out.size() == 1);
    CHECK(pair.server.paused());
    {
      const AuthRequest dropped = std::move(out.back());
      out.pop_back();
    }  // which denies it, and the next one comes
    pair.pump();
  }
  CHECK(out.empty());
  CHECK_FALSE(pair.server.paused());
}

TEST_CASE("a signature that is wrong lets nobody in, even where the key would") {
  LoggedIn pair;
  WireWriter wrong;
  wrong.string(std::string_view{"ssh-ed25519"}).string(ByteVector(64, 1));
  const auto request = userauth_request("ssh-ed25519", pair.identity.public_key(), wrong.view());
  pair.serving = answer_all(pair.server, pair.identity.public_key(), pair.users);
  pair.serving.start([] {});
  pair.pump();
  pair.client.send(request);
  pair.pump();
  CHECK(pair.users.size() == 1);
  CHECK_FALSE(pair.server.authenticated());
}

TEST_CASE("a client that knows the ecdsa host key is shown that one") {
  LoggedIn pair(4096, {.login = "alice", .host_key_type = "ecdsa-sha2-nistp256"});
  pair.run(pair.identity.public_key());
  CHECK(pair.host_key == pair.keys[1].public_key());
}

TEST_CASE("connection messages pass both ways, whole and in order") {
  LoggedIn pair(777);
  pair.run(pair.identity.public_key());
  for (const std::size_t size : {0U, 1U, 1000U, 32768U}) {
    pair.client.send(some_message(size));
    pair.server.send(some_message(size));
  }
  pair.pump();
  REQUIRE(pair.server_ear.messages.size() == 4);
  REQUIRE(pair.client_ear.messages.size() == 4);
  CHECK(pair.server_ear.messages[3] == some_message(32768));
  CHECK(pair.client_ear.messages[2] == some_message(1000));
}

TEST_CASE("what is thrown at a message reaches whoever brought the bytes, and libssh has returned by then") {
  LoggedIn pair;
  pair.run(pair.identity.public_key());
  pair.server_ear.throws = true;
  pair.client.send(some_message(10));
  CHECK_THROWS_AS(pair.pump(), std::out_of_range);
  pair.server_ear.throws = false;
  pair.client.send(some_message(20));
  pair.pump();
  CHECK(pair.server_ear.messages == std::vector{some_message(10), some_message(20)});
}

TEST_CASE("a disconnect is told to the other side with its text") {
  LoggedIn pair;
  pair.run(pair.identity.public_key());
  pair.server.disconnect("until tomorrow");
  pair.pump();
  REQUIRE(pair.client_ear.lost);
  CHECK(pair.client_ear.lost->kind == Loss::Kind::peer_left);
  CHECK(pair.client_ear.lost->text.find("until tomorrow") != std::string::npos);
}

TEST_CASE("bytes that are not SSH end the transport") {
  LoggedIn pair;
  pair.client_wire->write(bytes_of("GET / HTTP/1.1\r\n\r\n"));
  pair.client_wire->write(ByteVector(4096, 0xff));
  pair.pump();
  REQUIRE(pair.server_ear.lost);
  CHECK(pair.server_ear.lost->kind == Loss::Kind::broke_protocol);
}

TEST_CASE("a peer that reads no answers is not read until it does") {
  LoggedIn pair;
  SUBCASE("a stranger") {}
  SUBCASE("a user") { pair.run(pair.identity.public_key()); }
  pair.pump();
  const ByteVector unknown{200};
  constexpr std::size_t kMiB = 1024 * 1024;
  while (pair.client_wire->backlog() < 4 * kMiB) pair.client.send(unknown);
  while (pair.client_wire->pump_to(*pair.server_wire, pair.slice)) {
  }
  CHECK(pair.server_wire->backlog() < 2 * kMiB);
  CHECK(pair.client_wire->backlog() > Wire::kHighWater);
  CHECK(pair.server.paused());
  pair.server.resume();
  CHECK(pair.server.paused());

  pair.pump();
  CHECK(pair.client_wire->backlog() == 0);
  CHECK_FALSE(pair.server.paused());
}

TEST_CASE("a peer that asks without end, and never answers our key exchange, is given up") {
  LoggedIn pair(128 * 1024, {.login = "alice", .rekey_after = 64 * 1024});
  pair.run(pair.identity.public_key());
  while (!pair.client.rekeying()) pair.client.send(some_message(30'000));
  for (int i = 0; i < 20'000 && !pair.client_ear.lost; ++i) {
    pair.server.send(some_message(500));
    pair.client.send(some_message(500));
    pair.server_wire->pump_to(*pair.client_wire, pair.slice);
  }
  REQUIRE(pair.client_ear.lost);
  CHECK(pair.client_ear.lost->kind == Loss::Kind::broke_protocol);
}

TEST_CASE("host keys are proven, and only our own") {
  LoggedIn pair;
  pair.run(pair.identity.public_key());
  WireWriter ours;
  ours.string(pair.keys[0].public_key().blob).string(pair.keys[1].public_key().blob);
  CHECK(pair.server.prove_host_keys(ours.view()));
  WireWriter costly;
  for (int i = 0; i < 3; ++i) costly.string(pair.keys[0].public_key().blob);
  CHECK_FALSE(pair.server.prove_host_keys(costly.view()));
  WireWriter foreign;
  foreign.string(pair.identity.public_key().blob);
  CHECK_FALSE(pair.server.prove_host_keys(foreign.view()));
  CHECK_FALSE(pair.server.prove_host_keys(bytes_of(std::string_view("\0\0\1", 3))));
  CHECK_FALSE(pair.server.prove_host_keys(ours.view()));  // signatures cost time, and four times is often enough
}

}  // namespace bastion::transport
