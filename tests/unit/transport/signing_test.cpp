// Sessions whose private keys are somewhere else: here, in a signer that notes what it is asked for.
#include "bastion/transport/signing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bastion/base/wire_format.h"
#include "tests/support/two_sessions.h"

namespace bastion::transport {
namespace {

using test::LoggedIn;

class Elsewhere final : public RemoteSigner {
 public:
  Result<ByteVector> sign(const SignatureRequest& request) override {
    asked.push_back({{request.data.begin(), request.data.end()},
                     {request.host_key.begin(), request.host_key.end()},
                     {request.host_signature.begin(), request.host_signature.end()}});
    for (const auto& key : keys) {
      if (!std::ranges::equal(key.public_key().blob, request.key) || key.public_key() == refused) continue;
      if (auto signature = key.sign(std::string(request.algorithm), request.data)) return *std::move(signature);
    }
    return fail("not signed");
  }

  KeyPair hold(KeyPair key) {
    auto known = KeyPair::elsewhere(key.public_key());
    REQUIRE(known);
    keys.push_back(std::move(key));
    return *std::move(known);
  }

  struct Asked {
    ByteVector data;
    ByteVector host_key;
    ByteVector host_signature;
  };
  std::vector<KeyPair> keys;
  std::vector<Asked> asked;
  PublicKey refused;
};

std::vector<KeyPair> some_host_keys(Elsewhere& signer, KeyPair::Kind kind) {
  std::vector<KeyPair> keys;
  keys.push_back(signer.hold(*KeyPair::generate(kind)));
  return keys;
}

}  // namespace

TEST_CASE("a key that is elsewhere signs as one that is here, of whichever kind") {
  for (const auto kind : {KeyPair::Kind::ed25519, KeyPair::Kind::ecdsa, KeyPair::Kind::rsa}) {
    Elsewhere signer;
    const SignsThrough signs(signer);
    LoggedIn pair(4096, {.account = "alice"}, some_host_keys(signer, kind));
    pair.identity = signer.hold(*KeyPair::generate(kind));
    pair.run(pair.identity.public_key());
    REQUIRE(pair.outcome);
    REQUIRE(pair.outcome->has_value());
    CHECK(**pair.outcome == ClientSession::AuthOutcome::accepted);
    CHECK(pair.host_key == pair.keys[0].public_key());
    CHECK(signer.asked.size() == 2);
  }
}

TEST_CASE("before a host key signs it is asked whether it may, and where it may not nothing is signed") {
  struct Row {
    const char* known;
    std::string expected;
  };
  for (const auto& [known, expected] :
       {Row{"ssh-rsa", "rsa-sha2-512"}, Row{"ssh-ed25519", "ssh-ed25519"}, Row{"none", "ssh-ed25519"}}) {
    for (const bool may : {true, false}) {
      // Cut anywhere, and all at once.
      for (const std::size_t slice : {1U, 7U, 65536U}) {
        CAPTURE(expected);
        CAPTURE(may);
        Elsewhere signer;
        const SignsThrough signs(signer);
        std::vector<KeyPair> host_keys;
        host_keys.push_back(signer.hold(*KeyPair::generate(KeyPair::Kind::ed25519)));
        host_keys.push_back(signer.hold(*KeyPair::generate(KeyPair::Kind::rsa)));
        LoggedIn pair(slice, {.account = "alice", .known_host_keys = {{known, {}}}}, std::move(host_keys));
        std::vector<std::string> asked;
        pair.server.ask_before_signing([&](std::string_view algorithm) {
          asked.emplace_back(algorithm);
          if (!may) pair.server.disconnect("not for you");
          return may;
        });
        pair.run(pair.identity.public_key());
        CHECK(asked == std::vector{expected});
        CHECK(signer.asked.size() == (may ? 1 : 0));
        CHECK(pair.server.authenticated() == may);
        if (may) continue;
        REQUIRE(pair.client_leg.lost);
        CHECK(pair.client_leg.lost->text.contains("not for you"));
      }
    }
  }
}

TEST_CASE("whoever is to sign a login is shown that its session is with that host") {
  Elsewhere signer;
  const SignsThrough signs(signer);
  LoggedIn pair(4096, {.account = "alice"}, some_host_keys(signer, KeyPair::Kind::ed25519));
  pair.identity = signer.hold(*KeyPair::generate(KeyPair::Kind::ed25519));
  pair.run(pair.identity.public_key());
  REQUIRE(signer.asked.size() == 2);
  const auto& as_host = signer.asked[0];
  const auto& as_client = signer.asked[1];
  CHECK(as_host.host_key.empty());
  CHECK(as_client.host_key == pair.keys[0].public_key().blob);
  WireReader in(as_client.data);
  const auto session_id = in.string();
  CHECK(std::ranges::equal(session_id, as_host.data));
  CHECK(is_signed_by(as_client.host_key, as_client.host_signature, session_id));
  CHECK_FALSE(is_signed_by(as_client.host_key, as_client.host_signature, ByteVector(32, 'x')));
  CHECK_FALSE(is_signed_by(pair.identity.public_key().blob, as_client.host_signature, session_id));
}

TEST_CASE("a login that is not signed is over at once, and so is a key exchange") {
  Elsewhere signer;
  const SignsThrough signs(signer);
  const auto keys = [&] { return some_host_keys(signer, KeyPair::Kind::ed25519); };
  {
    LoggedIn pair(4096, {.account = "alice"}, keys());
    pair.identity = signer.hold(*KeyPair::generate(KeyPair::Kind::ed25519));
    signer.refused = pair.identity.public_key();
    pair.run(pair.identity.public_key());
    REQUIRE(pair.outcome);
    CHECK(pair.outcome->error().text == "the bastion has no signature for this login");
  }
  LoggedIn pair(4096, {.account = "alice"}, keys());
  signer.refused = pair.keys[0].public_key();
  pair.run(pair.identity.public_key());
  CHECK_FALSE(pair.host_key);
  CHECK(pair.server_leg.lost);
}

TEST_CASE("without anybody to ask, a key that is elsewhere does not sign") {
  const auto here = KeyPair::generate(KeyPair::Kind::ed25519);
  const auto known = KeyPair::elsewhere(here->public_key());
  REQUIRE(known);
  CHECK(known->public_key() == here->public_key());
  CHECK(here->sign("ssh-ed25519", bytes_of("text")));
  CHECK_FALSE(here->sign("rsa-sha2-512", bytes_of("text")));
  CHECK_FALSE(known->sign("ssh-ed25519", bytes_of("text")));
  CHECK_FALSE(KeyPair::elsewhere({.type = "ssh-ed25519", .blob = {1, 2, 3}}));
}

}  // namespace bastion::transport
