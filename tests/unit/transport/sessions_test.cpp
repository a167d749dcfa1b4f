// Both roles against each other, in memory: no socket, no loop, and the bytes cut at every awkward place.
#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "bastion/base/wire_format.h"
#include "bastion/transport/client_session.h"
#include "bastion/transport/server_session.h"
#include "tests/support/two_sessions.h"

namespace bastion::transport {
namespace {

using test::Leg;
using test::LoggedIn;
using test::Pair;

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

TEST_CASE("a client with several keys shows one after the other, until one is taken") {
  struct Case {
    std::size_t right;
    ClientSession::AuthOutcome outcome;
    std::size_t asked;
  };
  for (const auto& one :
       {Case{0, ClientSession::AuthOutcome::accepted, 1}, Case{1, ClientSession::AuthOutcome::accepted, 2},
        Case{2, ClientSession::AuthOutcome::refused, 2}}) {
    for (const std::size_t slice : {1U, 65536U}) {
      CAPTURE(one.right);
      CAPTURE(slice);
      LoggedIn pair(slice);
      std::vector<KeyPair> keys;
      keys.reserve(3);
      for (int i = 0; i < 3; ++i) keys.push_back(*KeyPair::generate(KeyPair::Kind::ed25519));
      const auto wanted = keys[one.right].public_key();
      keys.pop_back();
      pair.serving = test::answer_all(pair.server, wanted, pair.users);
      pair.serving.start([] {});
      pair.logging_in = test::log_in_with(pair.client, keys, pair.outcome);
      pair.logging_in.start([] {});
      pair.pump();
      REQUIRE(pair.outcome);
      REQUIRE(pair.outcome->has_value());
      CHECK(**pair.outcome == one.outcome);
      CHECK(pair.users.size() == one.asked);
      if (one.outcome == ClientSession::AuthOutcome::accepted) CHECK(pair.client.taken() == one.right);
    }
  }
}

namespace {

// As upstream/agent_login.cpp goes on, with keys that are here.
Task<> prove_each(ClientSession& client, std::span<const KeyPair> keys,
                  std::vector<Result<ClientSession::AuthOutcome>>& verdicts) {
  const auto key = co_await client.host_key();
  if (!key) co_return;
  client.begin_userauth();
  verdicts.push_back(co_await client.verdicts().next());
  for (const auto& one : keys) {
    const ClientSession::ShownKey shown{.algorithm = client.algorithm_of(one.public_key().type).value_or(""),
                                        .blob = one.public_key().blob};
    client.show(shown);
    verdicts.push_back(co_await client.verdicts().next());
    if (!verdicts.back() || *verdicts.back() != ClientSession::AuthOutcome::accepted) continue;
    client.prove(shown, one.sign(shown.algorithm, client.to_sign(shown)).value_or(ByteVector{}));
    verdicts.push_back(co_await client.verdicts().next());
  }
}

}  // namespace

TEST_CASE(
    "a client whose signatures come from elsewhere shows one key after the other, and proves the one that is taken") {
  using enum ClientSession::AuthOutcome;
  for (const auto kind : {KeyPair::Kind::ed25519, KeyPair::Kind::ecdsa, KeyPair::Kind::rsa}) {
    for (const std::size_t slice : {1U, 65536U}) {
      CAPTURE(slice);
      LoggedIn pair(slice);
      std::vector<KeyPair> keys;
      keys.push_back(*KeyPair::generate(KeyPair::Kind::ed25519));
      keys.push_back(*KeyPair::generate(kind));
      std::vector<Result<ClientSession::AuthOutcome>> verdicts;
      pair.serving = test::answer_all(pair.server, keys[1].public_key(), pair.users);
      pair.serving.start([] {});
      pair.logging_in = prove_each(pair.client, keys, verdicts);
      pair.logging_in.start([] {});
      pair.pump();
      REQUIRE(verdicts.size() == 4);
      CHECK(verdicts[0].value() == accepted);  // that it may begin
      CHECK(verdicts[1].value() == refused);
      CHECK(verdicts[2].value() == accepted);  // with a signature
      CHECK(verdicts[3].value() == accepted);
      CHECK(pair.server.authenticated());
    }
  }
}

TEST_CASE("a signature that is not right lets nobody in") {
  LoggedIn pair;
  std::vector<Result<ClientSession::AuthOutcome>> verdicts;
  pair.serving = test::answer_all(pair.server, pair.identity.public_key(), pair.users);
  pair.serving.start([] {});
  const auto wrong = [](ClientSession& client, const KeyPair& key,
                        std::vector<Result<ClientSession::AuthOutcome>>& heard) -> Task<> {
    std::ignore = co_await client.host_key();
    client.begin_userauth();
    std::ignore = co_await client.verdicts().next();
    const ClientSession::ShownKey shown{.algorithm = key.public_key().type, .blob = key.public_key().blob};
    auto bytes = client.to_sign(shown);
    bytes.back() ^= 1;
    client.prove(shown, key.sign(shown.algorithm, bytes).value_or(ByteVector{}));
    heard.push_back(co_await client.verdicts().next());
  };
  pair.logging_in = wrong(pair.client, pair.identity, verdicts);
  pair.logging_in.start([] {});
  pair.pump();
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].value() == ClientSession::AuthOutcome::refused);
  CHECK_FALSE(pair.server.authenticated());
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
  pair.ask_for_service();
  constexpr int kAsked = 30;
  WireWriter none;
  none.u8(50)
      .string(std::string_view{"alice"})
      .string(std::string_view{"ssh-connection"})
      .string(std::string_view{"none"});
  for (int i = 0; i < kAsked; ++i) pair.client.send(none.view());
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

TEST_CASE("a client that knows the ecdsa host key is shown that one") {
  LoggedIn pair(4096, {.account = "alice", .known_host_keys = {{"ecdsa-sha2-nistp256", {}}}});
  pair.run(pair.identity.public_key());
  CHECK(pair.host_key == pair.keys[1].public_key());
}

TEST_CASE("of several host keys of one type the first is presented, and all are announced and proven") {
  const auto made = [] {
    auto keys = Pair::make_keys();
    for (const auto kind : {KeyPair::Kind::ed25519, KeyPair::Kind::ecdsa, KeyPair::Kind::ed25519}) {
      keys.push_back(*KeyPair::generate(kind));
    }
    return keys;
  };
  for (const auto* const known : {"ssh-ed25519", "ecdsa-sha2-nistp256"}) {
    CAPTURE(std::string_view(known));
    LoggedIn pair(4096, {.account = "alice", .known_host_keys = {{known, {}}}}, made());
    pair.run(pair.identity.public_key());
    CHECK(pair.host_key == pair.keys[std::string_view(known) == "ssh-ed25519" ? 0 : 1].public_key());
    pair.server.announce_host_keys();
    pair.pump();
    REQUIRE(pair.client_leg.messages.size() == 1);
    WireReader announced(Bytes(pair.client_leg.messages[0]).subspan(1));
    CHECK(announced.text() == "hostkeys-00@openssh.com");
    CHECK_FALSE(announced.boolean());
    WireWriter all;
    for (const auto& key : pair.keys) {
      CHECK(std::ranges::equal(announced.string(), key.public_key().blob));
      all.string(key.public_key().blob);
    }
    CHECK(announced.at_end());
    CHECK(pair.server.prove_host_keys(all.view()));
    WireWriter foreign;
    foreign.string(pair.identity.public_key().blob);
    CHECK_FALSE(pair.server.prove_host_keys(foreign.view()));
  }
}

TEST_CASE("host keys that the setting leaves out are not presented, and its order is nothing to a client") {
  LoggedIn pair(4096, {.account = "alice"}, Pair::make_keys(), "ecdsa-sha2-nistp256");
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
  REQUIRE(pair.server_leg.messages.size() == 4);
  REQUIRE(pair.client_leg.messages.size() == 4);
  CHECK(pair.server_leg.messages[3] == some_message(32768));
  CHECK(pair.client_leg.messages[2] == some_message(1000));
}

// The first three are opened and sealed by us, the last one by libssh alone.
constexpr auto kCiphers = {"aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com",
                           "aes256-ctr"};

TEST_CASE("messages of every size pass with every cipher, through many key exchanges") {
  for (const auto* const cipher : kCiphers) {
    CAPTURE(std::string_view(cipher));
    LoggedIn pair(50'000, {.account = "alice", .ciphers = cipher, .rekey_after = 256 * 1024});
    pair.run(pair.identity.public_key());
    int key_exchanges = 0;
    std::vector<ByteVector> sent;
    for (std::size_t i = 0; i < 300; ++i) {
      sent.push_back(some_message(i < 100 ? i : i * 100));
      pair.client.send(sent.back());
      if (i % 2 == 0) pair.server.send(sent.back());
      key_exchanges += pair.client.rekeying() ? 1 : 0;
      if (i % 3 == 0) pair.pump();
    }
    pair.pump();
    CHECK(pair.server_leg.messages == sent);
    CHECK(pair.client_leg.messages.size() == sent.size() / 2);
    CHECK(pair.client_leg.messages.back() == sent[sent.size() - 2]);
    CHECK(key_exchanges > 3);
    CHECK_FALSE(pair.server_leg.lost);
    CHECK_FALSE(pair.client_leg.lost);
  }
}

TEST_CASE("the largest message passes with every cipher, and a message as large as libssh's packets does not") {
  constexpr auto kHead = 9U;  // of what some_message() makes
  for (const auto* cipher : {"chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr"}) {
    CAPTURE(cipher);
    LoggedIn pair(65536, {.account = "alice", .ciphers = cipher});
    pair.run(pair.identity.public_key());
    const auto largest = some_message(PacketSink::kLargestMessage - kHead);
    pair.client.send(largest);
    pair.server.send(largest);
    pair.pump();
    CHECK(pair.server_leg.messages.back() == largest);
    CHECK(pair.client_leg.messages.back() == largest);
    pair.client.send(some_message(std::size_t{256 * 1024} - kHead));
    pair.pump();
    CHECK(pair.server_leg.lost);
  }
}

TEST_CASE("a packet that was changed on its way is not heard, wherever it was changed") {
  for (const auto* const cipher : kCiphers) {
    for (const std::size_t place : {0U, 3U, 4U, 5U, 100U, 900U}) {
      CAPTURE(std::string_view(cipher));
      CAPTURE(place);
      LoggedIn pair(128 * 1024, {.account = "alice", .ciphers = cipher});
      pair.run(pair.identity.public_key());
      pair.client.send(some_message(900));
      ByteVector bytes(pair.client_stream->backlog());
      pair.client_stream->say(bytes);
      bytes[std::min(place, bytes.size() - 1)] ^= 1;
      bytes.resize(bytes.size() + 300 * 1024);  // as much as any length may ask for
      pair.server_stream->hear(bytes);
      CHECK(pair.server_leg.messages.empty());
      REQUIRE(pair.server_leg.lost);
      CHECK(pair.server_leg.lost->kind == Loss::Kind::broke_protocol);
    }
  }
}

TEST_CASE("what is thrown at a message reaches whoever brought the bytes, and libssh has returned by then") {
  LoggedIn pair;
  pair.run(pair.identity.public_key());
  pair.server_leg.throws = true;
  pair.client.send(some_message(10));
  CHECK_THROWS_AS(pair.pump(), std::out_of_range);
  pair.server_leg.throws = false;
  pair.client.send(some_message(20));
  pair.pump();
  CHECK(pair.server_leg.messages == std::vector{some_message(10), some_message(20)});
}

TEST_CASE("a disconnect is told to the other side with its text") {
  LoggedIn pair;
  pair.run(pair.identity.public_key());
  pair.server.disconnect("until tomorrow");
  pair.pump();
  REQUIRE(pair.client_leg.lost);
  CHECK(pair.client_leg.lost->kind == Loss::Kind::peer_left);
  CHECK(pair.client_leg.lost->text.find("until tomorrow") != std::string::npos);
}

TEST_CASE("who is hung up on in place of an answer hears why, with a DISCONNECT or without") {
  using Hangs = void (*)(LoggedIn&);
  for (const Hangs hangs : {Hangs([](LoggedIn& pair) { pair.server.disconnect("the account is locked"); }),
                            Hangs([](LoggedIn& pair) { pair.client_stream->lose(); })}) {
    LoggedIn pair;
    const auto hang_up = [](LoggedIn& on, Hangs how) -> Task<> {
      const auto request = co_await on.server.auth_requests().next();
      how(on);
    };
    pair.serving = hang_up(pair, hangs);
    pair.serving.start([] {});
    pair.logging_in = test::log_in(pair.client, pair.identity, pair.host_key, pair.outcome);
    pair.logging_in.start([] {});
    pair.pump();
    REQUIRE(pair.outcome);
    REQUIRE(pair.outcome->has_value());
    CHECK(**pair.outcome == ClientSession::AuthOutcome::hung_up);
    REQUIRE(pair.client.loss());
    const auto& text = pair.client.loss()->text;
    CHECK((text.contains("the account is locked") || text == "the test cut the wire"));
  }
}

TEST_CASE("a peer that leaves before anything was proven to it has not answered") {
  LoggedIn pair;
  pair.logging_in = test::log_in(pair.client, pair.identity, pair.host_key, pair.outcome);
  pair.logging_in.start([] {});
  while (!pair.host_key) {
    pair.server_stream->pump_to(*pair.client_stream, pair.slice);
    if (!pair.host_key) pair.client_stream->pump_to(*pair.server_stream, pair.slice);
  }
  pair.server.disconnect("not today");
  pair.pump();
  REQUIRE(pair.outcome);
  REQUIRE_FALSE(pair.outcome->has_value());
  CHECK(pair.outcome->error().text.contains("not today"));
}

TEST_CASE("who does not speak SSH reads so, as from an sshd, wherever the bytes are cut") {
  constexpr std::string_view kInvalid = "Invalid SSH identification string.\r\n";
  constexpr std::string_view kOther = "Protocol major versions differ.\r\n";
  constexpr std::string_view kWaits = "(waits)";
  struct Row {
    std::string_view bytes;
    std::string_view answer;
  };
  const std::string endless(200, 'S');
  const Row rows[] = {
      {"GET / HTTP/1.1\r\n\r\n", kInvalid},
      {"\n", kInvalid},
      {"\r\n", kInvalid},
      {"SSH-\n", kInvalid},
      {" SSH-2.0-late\r\n", kInvalid},
      {std::string_view("\x16\x03\x01\0", 4), kInvalid},  // TLS
      {std::string_view("SSH-2.0-a\0b\r\n", 13), kInvalid},
      {"SSH-2.0-a\rb\n", kInvalid},
      {"SSH-1.5-old\r\n", kOther},
      {"SSH-3.0-new\n", kOther},
      {"SSH-x.0-new\n", kInvalid},
      {"SSH-1.5\n", kInvalid},
      {"SSH-2.0-slow", kWaits},
      {"GET / HTTP/1.1\r", kWaits},
      {"SSH-1.99-both\r\n", kWaits},  // for the key exchange
      {endless, kInvalid},
  };
  for (const auto& row : rows) {
    for (const std::size_t slice : {1U, 1000U}) {
      CAPTURE(row.bytes);
      CAPTURE(slice);
      const auto keys = Pair::make_keys();
      ServerProfile profile(keys, "", "publickey");
      auto stream = std::make_unique<test::MemoryStream>();
      auto& wire = *stream;
      ServerSession server(std::move(stream), profile);
      Leg leg;
      server.report_to(&leg);
      ByteVector version(wire.backlog());
      wire.say(version);
      for (std::size_t at = 0; at < row.bytes.size(); at += slice) {
        const auto piece = bytes_of(row.bytes.substr(at, slice));
        ByteVector bytes(piece.begin(), piece.end());
        wire.hear(bytes);
      }
      ByteVector answer(leg.lost ? wire.backlog() : 0);
      wire.say(answer);
      CHECK((leg.lost ? text_of(answer) : kWaits) == row.answer);
    }
  }
}

TEST_CASE("what has no business before authentication is answered with UNIMPLEMENTED, and the login goes on") {
  for (int number = 49; number <= 100; ++number) {
    if (number == 50) continue;  // this one has
    CAPTURE(number);
    LoggedIn pair;
    pair.pump();
    const auto said = pair.server.said();
    pair.client.send(ByteVector{static_cast<std::uint8_t>(number), 0, 0, 0, 0, 0, 0, 0, 0});
    pair.pump();
    CHECK(pair.server.said() > said);
    pair.run(pair.identity.public_key());
    REQUIRE(pair.outcome);
    CHECK(pair.outcome->value() == ClientSession::AuthOutcome::accepted);
  }
}

TEST_CASE("who asks to be let in once more hears nothing, and what is of no time of all is unimplemented") {
  LoggedIn pair;
  pair.run(pair.identity.public_key());
  WireWriter none;
  none.u8(50).string(std::string_view{"alice"}).string(std::string_view{"ssh-connection"});
  none.string(std::string_view{"none"});
  const auto said = pair.server.said();
  pair.client.send(none.view());
  pair.pump();
  CHECK(pair.server.said() == said);
  CHECK_FALSE(pair.server_leg.lost);
  pair.client.send(ByteVector{51, 0, 0, 0, 0, 0});
  pair.pump();
  CHECK(pair.server.said() > said);
  pair.client.send(some_message(10));
  pair.pump();
  CHECK(pair.server_leg.messages == std::vector<ByteVector>{some_message(10)});
}

TEST_CASE("nobody is authenticated before asking for that service, and there is no other to be had before") {
  WireWriter none;
  none.u8(50).string(std::string_view{"alice"}).string(std::string_view{"ssh-connection"});
  none.string(std::string_view{"none"});
  LoggedIn pair;
  pair.pump();
  SUBCASE("a request without the service") {
    pair.client.send(none.view());
    pair.run(pair.identity.public_key());
    REQUIRE(pair.outcome);
    CHECK(pair.outcome->value() == ClientSession::AuthOutcome::accepted);
    CHECK(pair.users.size() == 1);  // with the key: nothing before that was heard
  }
  SUBCASE("another service") {
    pair.ask_for_service("ssh-connection");
    pair.client.send(none.view());
    pair.run(pair.identity.public_key());
    REQUIRE(pair.server_leg.lost);
    CHECK(pair.server_leg.lost->kind == Loss::Kind::broke_protocol);
    REQUIRE(pair.client_leg.lost);
    CHECK(pair.client_leg.lost->kind == Loss::Kind::peer_left);
    CHECK(pair.client_leg.lost->text.find("2:bad service request ssh-connection") != std::string::npos);
    CHECK(pair.users.empty());
  }
}

TEST_CASE("after the last word no request is answered, however many were said before") {
  constexpr int kLast = 4;
  Pair pair(128 * 1024);
  pair.pump();
  pair.ask_for_service();
  WireWriter none;
  none.u8(50).string(std::string_view{"alice"}).string(std::string_view{"ssh-connection"});
  none.string(std::string_view{"none"});
  for (int i = 0; i < 30; ++i) pair.client.send(none.view());
  int handed = 0;
  std::uint64_t said = 0;  // with the last word
  const auto deny = [](ServerSession& server, int& count, std::uint64_t& bytes) -> Task<> {
    while (true) {
      auto request = co_await server.auth_requests().next();
      if (++count < kLast) continue;
      server.disconnect("Too many authentication failures", DisconnectReason::protocol_error);
      bytes = server.said();
    }
  };
  auto serving = deny(pair.server, handed, said);
  serving.start([] {});
  pair.pump();
  CHECK(handed == kLast);
  CHECK(pair.server.said() == said);
}

TEST_CASE("bytes that are not SSH end the transport") {
  LoggedIn pair;
  pair.client_stream->write(bytes_of("GET / HTTP/1.1\r\n\r\n"));
  pair.client_stream->write(ByteVector(4096, 0xff));
  pair.pump();
  REQUIRE(pair.server_leg.lost);
  CHECK(pair.server_leg.lost->kind == Loss::Kind::broke_protocol);
}

TEST_CASE("a peer that reads no answers is not read until it does") {
  LoggedIn pair;
  SUBCASE("a stranger") {}
  SUBCASE("a user") { pair.run(pair.identity.public_key()); }
  pair.pump();
  const ByteVector unknown{200};
  constexpr std::size_t kMiB = 1024 * 1024;
  while (pair.client_stream->backlog() < 4 * kMiB) pair.client.send(unknown);
  while (pair.client_stream->pump_to(*pair.server_stream, pair.slice)) {
  }
  CHECK(pair.server_stream->backlog() < 2 * kMiB);
  CHECK(pair.client_stream->backlog() > ByteStream::kHighWater);
  CHECK(pair.server.paused());
  pair.server.resume();
  CHECK(pair.server.paused());

  pair.pump();
  CHECK(pair.client_stream->backlog() == 0);
  CHECK_FALSE(pair.server.paused());
}

TEST_CASE("a peer that asks without end, and never answers our key exchange, is given up") {
  LoggedIn pair(128 * 1024, {.account = "alice", .rekey_after = 64 * 1024});
  pair.run(pair.identity.public_key());
  while (!pair.client.rekeying()) pair.client.send(some_message(30'000));
  for (int i = 0; i < 20'000 && !pair.client_leg.lost; ++i) {
    pair.server.send(some_message(500));
    pair.client.send(some_message(500));
    pair.server_stream->pump_to(*pair.client_stream, pair.slice);
  }
  REQUIRE(pair.client_leg.lost);
  CHECK(pair.client_leg.lost->kind == Loss::Kind::broke_protocol);
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
