#include "bastion/session/stranger.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <vector>

#include "bastion/access/lookup.h"
#include "bastion/auth/password_hash.h"
#include "bastion/base/wire_format.h"
#include "bastion/loop/loop.h"
#include "store/reader.h"
#include "tests/support/known_codes.h"
#include "tests/support/known_passwords.h"
#include "tests/support/no_invitations.h"
#include "tests/support/run_until.h"
#include "tests/support/small_world.h"
#include "tests/support/two_sessions.h"

namespace bastion::session {
namespace {

using test::must;

std::vector<transport::KeyPair> with_rsa(std::vector<transport::KeyPair> keys) {
  keys.push_back(must(transport::KeyPair::generate(transport::KeyPair::Kind::rsa)));
  return keys;
}

// Alice's client and the bastion, tied together in memory.
struct StrangerWorld : test::SmallWorld {
  explicit StrangerWorld(transport::ClientSession::Options options = {.account = "alice"})
      : client(take(there), options) {
    user("alice");
    const auto& blob = key.public_key().blob;
    must(keys.add(id_of("alice"),
                  {.blob = blob, .fingerprint = transport::fingerprint(blob), .comment = "", .added_at = kNow}));
    stranger.start();
  }

  std::unique_ptr<ByteStream> take(test::MemoryStream*& seen) {
    auto stream = std::make_unique<test::MemoryStream>();
    seen = stream.get();
    return stream;
  }
  void pump() {
    while (here->pump_to(*there, kAll) || there->pump_to(*here, kAll)) {
    }
  }
  // Everything but the last message of the client, which is the proof; that lies in its stream.
  void show_the_key() {
    logging_in = test::log_in(client, key, host_key, outcome);
    logging_in.start([] {});
    while (here->pump_to(*there, kAll) || (!is_proof() && there->pump_to(*here, kAll))) {
    }
  }
  // A signed request is larger than what comes before it, once keys have been exchanged.
  [[nodiscard]] bool is_proof() const { return host_key && there->backlog() > 200; }

  static constexpr std::size_t kAll = std::size_t{1} << 20;
  loop::Loop loop;
  std::unique_ptr<store::Reader> reader = must(store::Reader::open(file));
  access::Lookup lookup{*reader, {}};
  Observers observers;
  test::KnownCodes codes;
  test::KnownPasswords passwords_of_users;
  test::NoInvitations invitations;
  std::vector<transport::KeyPair> host_keys = with_rsa(test::Pair::make_keys());
  transport::ServerProfile profile{host_keys, "", auth::offered_methods()};
  transport::KeyPair key = must(transport::KeyPair::generate(transport::KeyPair::Kind::ed25519));
  int admissions = 0;
  int version_lines = 0;
  int denials = 0;
  int signatures = 0;
  int most_signatures = 1;
  std::optional<bool> over;
  test::MemoryStream* here = nullptr;
  test::MemoryStream* there = nullptr;
  Stranger stranger{{.loop = loop,
                     .lookup = lookup,
                     .observers = observers,
                     .profile = profile,
                     .codes = codes,
                     .passwords = passwords_of_users,
                     .invitations = invitations,
                     .external_keys = nullptr,
                     .settings = {.login_grace = std::chrono::seconds{600},
                                  .version_grace = std::chrono::seconds{600},
                                  .max_auth_tries = 6},
                     .on_version_line = [this](Stranger&) { ++version_lines; },
                     .on_denied = [this](Stranger&) { ++denials; },
                     .may_sign_with_rsa = [this](Stranger&) { return ++signatures <= most_signatures; },
                     .on_admitted = [this](Stranger&) { ++admissions; },
                     .on_over = [this](Stranger&) { over = true; }},
                    {.id = "id", .from_host = "10.0.0.9", .from_port = 1},
                    take(here)};
  transport::ClientSession client;
  std::optional<PublicKey> host_key;
  std::optional<Result<transport::ClientSession::AuthOutcome>> outcome;
  Task<> logging_in;
};

// A client that says what it is told, once keys are exchanged; what is answered is not looked at.
struct TypingWorld : StrangerWorld {
  TypingWorld() {
    access::Defaults defaults;
    defaults.needs = must(parse_requirement("publickey|password"));
    lookup.set(defaults);
    logging_in = exchange_keys();
    logging_in.start([] {});
    pump();
  }
  Task<> exchange_keys() {
    const auto shown = co_await client.host_key();
    if (shown) host_key = *shown;
  }
  // Once: libssh's client sends no such request when it has read what came back.
  void type(std::string_view user, std::string_view password) {
    const auto looked_at = passwords_of_users.typed.size();
    WireWriter service;
    service.u8(5).string(std::string_view{"ssh-userauth"});
    client.send(service.view());
    WireWriter request;
    request.u8(50).string(user).string(std::string_view{"ssh-connection"});
    request.string(auth::kPassword).boolean(false).string(password);
    client.send(request.view());
    pump();
    test::run_until(loop, [&] { return passwords_of_users.typed.size() > looked_at; });
  }
};

ByteVector global_request(std::string_view name) {
  WireWriter request;
  request.u8(80).string(name).boolean(false);
  return ByteVector(request.view().begin(), request.view().end());
}

}  // namespace

TEST_CASE("what a client says together with its proof is kept for the session") {
  StrangerWorld world;
  world.show_the_key();
  REQUIRE(world.admissions == 0);
  world.client.send(global_request("first@example.org"));
  world.client.send(global_request("second@example.org"));
  world.pump();
  REQUIRE(world.admissions == 1);
  CHECK(world.version_lines == 1);
  CHECK(world.denials == 0);
  const auto [admission, stream] = world.stranger.leave();
  CHECK(admission.identity.name == "alice");
  CHECK(admission.arrival.id == "id");
  CHECK(admission.early ==
        std::vector<ByteVector>{global_request("first@example.org"), global_request("second@example.org")});
  CHECK_FALSE(admission.loss);
}

TEST_CASE("whoever is admitted goes on over another stream") {
  StrangerWorld world;
  world.show_the_key();
  world.pump();
  REQUIRE(world.admissions == 1);
  auto [admission, stream] = world.stranger.leave();

  test::Leg leg;
  test::MemoryStream* moved = nullptr;
  transport::ServerProfile elsewhere{world.host_keys, "", auth::offered_methods()};
  admission.user->move_to(world.take(moved), elsewhere);
  admission.user->report_to(&leg);
  admission.user->resume();
  world.client.send(global_request("later@example.org"));
  while (world.there->pump_to(*moved, StrangerWorld::kAll)) {
  }
  CHECK(leg.messages == std::vector<ByteVector>{global_request("later@example.org")});
  admission.user->report_to(nullptr);
}

TEST_CASE("whose client wants an RSA host key to sign is asked for, and not for a key exchange of a user's") {
  for (const auto* const known : {"ssh-ed25519", "ssh-rsa"}) {
    for (const int most : {0, 1}) {
      CAPTURE(std::string_view(known));
      CAPTURE(most);
      const bool wants_rsa = std::string_view(known) == "ssh-rsa";
      StrangerWorld world({.account = "alice", .known_host_keys = {{known, {}}}, .rekey_after = 4096});
      world.most_signatures = most;
      world.show_the_key();
      world.pump();
      const bool comes_in = !wants_rsa || most > 0;
      CHECK(world.signatures == (wants_rsa ? 1 : 0));
      CHECK(world.stranger.signed_with_rsa() == (wants_rsa && comes_in));
      CHECK(world.admissions == (comes_in ? 1 : 0));
      CHECK(world.over.has_value() == !comes_in);
      if (!comes_in) {
        CHECK(world.stranger.ended() == Reason::too_many_rsa_signatures);
        CHECK(world.stranger.offence() == Offence::noauth);
        continue;
      }
      auto [admission, stream] = world.stranger.leave();
      test::Leg leg;
      test::MemoryStream* moved = nullptr;
      transport::ServerProfile elsewhere{world.host_keys, "", auth::offered_methods()};
      admission.user->move_to(world.take(moved), elsewhere);
      admission.user->report_to(&leg);
      admission.user->resume();
      for (int i = 0; i < 50; ++i) {
        world.client.send(ByteVector(1000, std::uint8_t{80}));
        while (world.there->pump_to(*moved, StrangerWorld::kAll) || moved->pump_to(*world.there, StrangerWorld::kAll)) {
        }
      }
      CHECK_FALSE(leg.lost);
      CHECK(world.signatures == (wants_rsa ? 1 : 0));
      admission.user->report_to(nullptr);
    }
  }
}

TEST_CASE("one that leaves together with its proof was there") {
  StrangerWorld world;
  world.show_the_key();
  world.client.disconnect("that is all");
  world.pump();
  REQUIRE(world.admissions == 1);
  CHECK_FALSE(world.over);
  const auto [admission, stream] = world.stranger.leave();
  REQUIRE(admission.loss);
  CHECK(admission.loss->kind == transport::Loss::Kind::peer_left);
}

TEST_CASE("what is done to a stranger does nothing to one who is admitted") {
  StrangerWorld world;
  world.show_the_key();
  world.pump();
  world.stranger.finish({Reason::shutdown, {}, {}});
  CHECK_FALSE(world.over);
  CHECK(world.stranger.admitted());
}

TEST_CASE("a password is looked at for every name alike") {
  for (const auto* const name : {"alice", "bob", "carol", "nobody", "root"}) {
    CAPTURE(name);
    TypingWorld world;
    must(world.passwords.set(world.id_of("alice"), "right", false, 1));
    world.user("bob");  // has none
    must(world.passwords.set(world.user("carol"), "right", false, 1));
    must(world.users.disable(world.id_of("carol"), 1));
    world.type(name, "wrong");
    REQUIRE(world.passwords_of_users.typed.size() == 1);
    const bool is_alice = std::string_view(name) == "alice";
    CHECK(world.passwords_of_users.typed.front().hash == (is_alice ? "right" : auth::nobodys_hash()));
    CHECK(world.denials == 1);
    CHECK(world.admissions == 0);
  }
}

TEST_CASE("a password that is right lets in") {
  TypingWorld world;
  must(world.passwords.set(world.id_of("alice"), "right", false, 1));
  world.type("alice", "right");
  REQUIRE(world.admissions == 1);
  const auto [admission, stream] = world.stranger.leave();
  CHECK(admission.identity.name == "alice");
  CHECK(access::name_of(admission.identity.credential) == "password");
}

TEST_CASE("a password that is to be changed lets nobody in") {
  TypingWorld world;
  must(world.passwords.set(world.id_of("alice"), "right", true, 1));
  world.type("alice", "right");
  CHECK(world.admissions == 0);
  CHECK(world.denials == 0);  // another one is asked for
}

TEST_CASE("a password at which nobody could look was not wrong") {
  TypingWorld world;
  must(world.passwords.set(world.id_of("alice"), "right", false, 1));
  world.passwords_of_users.is_busy = true;
  world.type("alice", "right");
  test::run_until(world.loop, [&] { return world.denials > 0; });
  world.stranger.finish({Reason::shutdown, {}, {}});
  CHECK(world.stranger.ended() == Reason::passwords_busy);
  CHECK_FALSE(world.stranger.offence());
}

}  // namespace bastion::session
