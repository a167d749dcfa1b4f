// Keys that a program has printed: what its lines say, and whom they let in.
#include "bastion/access/printed_keys.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "bastion/access/admission.h"
#include "bastion/access/certificate.h"
#include "bastion/access/printed_admission.h"
#include "bastion/access/readmission.h"
#include "bastion/transport/keys.h"
#include "tests/support/small_world.h"

namespace bastion::access {
namespace {

using test::must;

const std::string kKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
const std::string kOther = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA";

struct PrintedWorld : test::SmallWorld {
  PrintedWorld() { user("alice"); }

  // Of what a line says, with the key that stands in it.
  std::expected<Identity, End> comes(const std::string& line, const std::string& from = "10.0.0.9") {
    const auto printed = parse_printed_keys(line);
    REQUIRE_MESSAGE(printed.keys.size() == 1, printed.why);
    const auto by = printed_for(printed, printed.keys.front().key);
    REQUIRE(by);
    return admission(revocations, must(users.get("alice")), *by, {from, kNow}, Defaults{});
  }
  Records records() { return {users, keys, cas, revocations, second_factors, passwords, sign_ons}; }
  std::expected<Identity, End> stays(const Identity& who) {
    return readmission(records(), who, {std::string("10.0.0.9"), kNow}, Defaults{});
  }
};

Reason reason_of(const std::expected<Identity, End>& outcome) {
  REQUIRE_FALSE(outcome.has_value());
  return outcome.error().reason;
}

}  // namespace

TEST_CASE("printed keys: each line is one of authorized_keys, and what cannot be used is left out") {
  const auto printed =
      parse_printed_keys("# of alice\n\n  " + kKey + " alice@laptop\r\nrestrict " + kKey + "\nfrom=\"10.0.0.0/8\" " +
                         kOther + "\ntunnel=\"0\" " + kOther + "\nssh-ed25519 AAAA\nnonsense\n");
  REQUIRE(printed.keys.size() == 2);
  CHECK(printed.keys[0].options == "");
  CHECK(printed.keys[1].options == "from=\"10.0.0.0/8\"");
  CHECK(printed.find(printed.keys[1].key) == &printed.keys[1]);
  CHECK(printed.left_out == 3);
  CHECK(printed.why.starts_with("line 4: "));
  CHECK(parse_printed_keys("").keys.empty());
  CHECK(parse_printed_keys(std::string(100'000, '\n')).left_out == 0);
  std::string many;
  for (std::size_t i = 0; i < kMostPrintedLines + 5; ++i) many += kKey + "\n";
  CHECK(parse_printed_keys(many).keys.size() == 1);
  CHECK(parse_printed_keys(many).left_out == 1);
}

TEST_CASE("printed keys: options bind, of the line and of the user") {
  PrintedWorld world;
  const auto who = world.comes("restrict,pty " + kKey);
  REQUIRE(who.has_value());
  CHECK(who->name == "alice");
  CHECK_FALSE(who->policy.local_forwarding);
  CHECK(who->policy.pty);
  CHECK(suffices(*who));
  CHECK(reason_of(world.comes("from=\"192.0.2.0/24\" " + kKey)) == Reason::source_refused);
  CHECK(reason_of(world.comes("expiry-time=\"19700101\" " + kKey)) == Reason::key_expired);
  CHECK(reason_of(world.comes("cert-authority " + kKey)) == Reason::key_removed);
  auto alice = must(world.users.get("alice"));
  alice.options = "no-pty";
  must(world.users.update(alice));
  CHECK_FALSE(world.comes(kKey)->policy.pty);
}

TEST_CASE("printed keys: whoever came by one stays as long as the directory has nothing against it") {
  PrintedWorld world;
  const auto who = *world.comes(kKey);
  CHECK(world.stays(who).has_value());
  auto alice = must(world.users.get("alice"));
  must(world.users.disable(alice.id, world.kNow));
  CHECK(reason_of(world.stays(who)) == Reason::user_disabled);
  must(world.users.enable(alice.id));
  alice.options = "from=\"192.0.2.1\"";
  must(world.users.update(alice));
  CHECK(reason_of(world.stays(who)) == Reason::source_refused);
  alice.options = "";
  alice.auth = "publickey+totp";
  must(world.users.update(alice));
  CHECK(reason_of(world.stays(who)) == Reason::more_is_needed);
  alice.auth = "";
  must(world.users.update(alice));
  must(world.revocations.add({.kind = store::Revocation::Kind::key, .ca = {}, .value = name_of(who.credential)}));
  CHECK(reason_of(world.stays(who)) == Reason::credential_revoked);
  CHECK(reason_of(world.comes(kKey)) == Reason::credential_revoked);
  must(world.users.remove(alice.id));
  world.user("alice");
  CHECK(reason_of(world.stays(who)) == Reason::user_removed);
}

TEST_CASE("printed keys: a CA among them lets in by its certificates") {
  PrintedWorld world;
  const auto printed = parse_printed_keys("cert-authority,restrict " + kKey);
  auto certificate = imagined_certificate("alice");
  certificate.ca = printed.keys.front().key;
  const auto by = printed_for(printed, certificate);
  REQUIRE(by);
  const auto alice = must(world.users.get("alice"));
  const auto comes = [&](const transport::UserCertificate& shown) {
    return admission(world.revocations, alice, *by, shown, {std::string("10.0.0.9"), world.kNow}, Defaults{});
  };
  const auto who = comes(certificate);
  REQUIRE_MESSAGE(who.has_value(), who.error().detail);
  CHECK_FALSE(who->policy.local_forwarding);
  CHECK(world.stays(*who).has_value());
  auto of_bob = certificate;
  of_bob.principals = {"bob"};
  CHECK(reason_of(comes(of_bob)) == Reason::certificate_refused);
  auto of_another = certificate;
  of_another.ca = must(transport::parse_public_key(kOther)).key;
  CHECK_FALSE(printed_for(printed, of_another));
  must(world.revocations.add({.kind = store::Revocation::Kind::key, .ca = {}, .value = (*by)->line.fingerprint}));
  CHECK(reason_of(world.stays(*who)) == Reason::credential_revoked);
}

}  // namespace bastion::access
