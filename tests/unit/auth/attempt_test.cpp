#include "bastion/auth/attempt.h"

#include <doctest/doctest.h>

#include "bastion/base/wire_format.h"
#include "tests/support/two_sessions.h"

namespace bastion::auth {
namespace {

using test::LoggedIn;
using test::Pair;
using transport::KeyPair;
using transport::ServerSession;

// A request with a key, as RFC 4252 section 7 has it; without a signature where that is empty.
ByteVector userauth_request(std::string_view algorithm, const PublicKey& key, Bytes signature,
                            std::string_view method = kPublickey) {
  WireWriter message;
  message.u8(50).string(std::string_view{"alice"}).string(std::string_view{"ssh-connection"});
  message.string(method).boolean(!signature.empty()).string(algorithm).string(key.blob);
  if (!signature.empty()) message.string(signature);
  return message.take();
}

enum class Seen : std::uint8_t { nothing, none, question, proof };

// What the server makes of a request that a client sends.
Seen seen_in(const ByteVector& request) {
  LoggedIn pair;
  Seen seen = Seen::nothing;
  const auto serve = [](ServerSession& server, Seen& what) -> Task<> {
    const Attempt attempt(co_await server.auth_requests().next());
    if (attempt.is_none()) what = Seen::none;
    if (attempt.claim()) what = attempt.is_question() ? Seen::question : Seen::proof;
  };
  pair.serving = serve(pair.server, seen);
  pair.serving.start([] {});
  pair.pump();
  pair.ask_for_service();
  pair.client.send(request);
  pair.pump();
  return seen;
}

}  // namespace

TEST_CASE("methods: a table, and what a denial offers") {
  CHECK(offered_methods() == "publickey,keyboard-interactive,password");
  CHECK(find_method(kPublickey) != nullptr);
  CHECK(find_method(kPublickeyHostbound) != nullptr);
  for (const auto* const name : {"", "none", "Password", "publickey2", "PUBLICKEY", "publickey,password"}) {
    CAPTURE(name);
    CHECK(find_method(name) == nullptr);
  }
}

TEST_CASE("what cannot let anybody in is seen before anything is verified") {
  const auto ours = KeyPair::generate(KeyPair::Kind::ed25519)->public_key();
  const auto rsa = KeyPair::generate(KeyPair::Kind::rsa)->public_key();
  const auto signature = [](std::string_view algorithm) {
    WireWriter made;
    made.string(algorithm).string(ByteVector(64, 1));
    return made.take();
  };
  CHECK(seen_in(userauth_request("ssh-ed25519", ours, {})) == Seen::question);
  CHECK(seen_in(userauth_request("ssh-ed25519", ours, {}, "none")) == Seen::none);
  CHECK(seen_in(userauth_request("ssh-ed25519", ours, {}, "password")) == Seen::nothing);
  CHECK(seen_in(userauth_request("ssh-ed25519", ours, {}, kPublickeyHostbound)) == Seen::nothing);
  CHECK(seen_in(userauth_request("ssh-ed25519", ours, signature("ssh-ed25519"))) == Seen::proof);
  CHECK(seen_in(userauth_request("rsa-sha2-512", rsa, {})) == Seen::question);
  CHECK(seen_in(userauth_request("ssh-rsa", rsa, {})) == Seen::nothing);
  CHECK(seen_in(userauth_request("rsa-sha2-512", ours, {})) == Seen::nothing);
  CHECK(seen_in(userauth_request("ssh-ed25519", ours, signature("rsa-sha2-512"))) == Seen::nothing);
  WireWriter costly;
  costly.string(std::string_view{"ssh-rsa"}).string(ByteVector(383, 0x7f)).string(ByteVector(384, 0x7f));
  const PublicKey made_up{.type = "ssh-rsa", .blob = costly.take()};
  CHECK(seen_in(userauth_request("rsa-sha2-512", made_up, signature("rsa-sha2-512"))) == Seen::nothing);
}

TEST_CASE("a signature that is wrong lets nobody in, even where the key would") {
  LoggedIn pair;
  WireWriter wrong;
  wrong.string(std::string_view{"ssh-ed25519"}).string(ByteVector(64, 1));
  const auto request = userauth_request("ssh-ed25519", pair.identity.public_key(), wrong.view());
  pair.serving = test::answer_all(pair.server, pair.identity.public_key(), pair.users);
  pair.serving.start([] {});
  pair.pump();
  pair.ask_for_service();
  pair.client.send(request);
  pair.pump();
  CHECK(pair.users.size() == 1);
  CHECK_FALSE(pair.server.authenticated());
}

}  // namespace bastion::auth
