#include "bastion/access/certificate.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/access/admission.h"
#include "bastion/transport/keys.h"

namespace bastion::access {
namespace {

using transport::UserCertificate;

UserCertificate certificate_of_alice() {
  auto certificate = imagined_certificate("alice");
  certificate.key = transport::KeyPair::generate(transport::KeyPair::Kind::ed25519)->public_key();
  return certificate;
}

Certified alice_by_corp() {
  return {.user = {.id = 1, .name = "alice"}, .ca = store::Ca{.name = "corp", .blob = {}, .principals = "user"}};
}

// By the line of a CA among her own keys.
Certified alice_by_her_own(std::string options) {
  const store::User user{.id = 1, .name = "alice"};
  const store::Key line{
      .id = 9, .blob = {}, .fingerprint = "SHA256:HERS", .comment = {}, .options = std::move(options)};
  return {.user = user, .own = store::enrolled_key(user, line)};
}

}  // namespace

TEST_CASE("certificates: what no extension permits is not allowed") {
  auto certificate = certificate_of_alice();
  certificate.extensions = {"permit-pty", "permit-user-rc", "unknown@example.com"};
  const auto policy = policy_of(certificate).value();
  CHECK(policy.pty);
  CHECK_FALSE(policy.local_forwarding);
  CHECK_FALSE(policy.remote_forwarding);
  CHECK_FALSE(policy.streamlocal_forwarding);
  CHECK_FALSE(policy.agent_forwarding);
  CHECK_FALSE(policy.x11_forwarding);
}

TEST_CASE("certificates: networks are read as sshd reads them") {
  auto certificate = certificate_of_alice();
  certificate.source_address = "10.0.0.0/8,fd00::/8,192.0.2.7";
  const auto policy = policy_of(certificate).value();
  CHECK(policy.permits_from("10.1.2.3"));
  CHECK(policy.permits_from("fd00::1"));
  CHECK_FALSE(policy.permits_from("192.0.2.8"));
  for (const auto* const text : {"", "10.0.0.0/8,", "10.0.*", "!10.0.0.0/8", "host.example.com"}) {
    CAPTURE(text);
    certificate.source_address = text;
    CHECK_FALSE(policy_of(certificate));
  }
}

TEST_CASE("certificates: one rule for who may be here with one") {
  struct Row {
    const char* what;
    void (*change)(Certified&, UserCertificate&);
    std::string_view code;
  };
  const std::vector<Row> rows{
      {"nothing is said against it", [](auto&, auto&) {}, ""},
      {"the user is disabled", [](auto& known, auto&) { known.user.disabled_at = 1; }, "user_disabled"},
      {"it is revoked", [](auto& known, auto&) { known.is_revoked = true; }, "credential_revoked"},
      {"it is for somebody else", [](auto&, auto& shown) { shown.principals = {"bob"}; }, "certificate_refused"},
      {"it is for nobody", [](auto&, auto& shown) { shown.principals = {}; }, "certificate_refused"},
      {"its CA lets others in", [](auto& known, auto&) { known.ca->principals = "alice=bob"; }, "certificate_refused"},
      {"its CA is for accounts of her role", [](auto& known, auto&) { known.ca->roles = "user,operator"; }, ""},
      {"its CA is for accounts of other roles", [](auto& known, auto&) { known.ca->roles = "auditor,operator"; },
       "certificate_refused"},
      {"she is an administrator by now",
       [](auto& known, auto&) {
         known.ca->roles = "user,operator";
         known.user.role = store::Role::admin;
       },
       "certificate_refused"},
      {"roles of another release", [](auto& known, auto&) { known.ca->roles = "user,wizard"; }, "certificate_refused"},
      {"it begins later", [](auto&, auto& shown) { shown.valid_after = 101; }, "certificate_expired"},
      {"it is over", [](auto&, auto& shown) { shown.valid_before = 100; }, "certificate_expired"},
      {"it is for elsewhere", [](auto&, auto& shown) { shown.source_address = "192.0.2.0/24"; }, "source_refused"},
      {"the user is for elsewhere", [](auto& known, auto&) { known.user.options = "from=\"192.0.2.0/24\""; },
       "source_refused"},
      {"the command of both is one",
       [](auto& known, auto& shown) {
         known.user.options = "command=\"ls\"";
         shown.force_command = "ls";
       },
       ""},
      {"two commands",
       [](auto& known, auto& shown) {
         known.user.options = "command=\"ls\"";
         shown.force_command = "id";
       },
       "certificate_refused"},
      {"an expression of another release", [](auto& known, auto&) { known.user.auth = "retina"; }, "internal"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    auto known = alice_by_corp();
    auto shown = certificate_of_alice();
    row.change(known, shown);
    const auto admitted = admission(known, shown, {"10.0.0.1", 100}, {});
    CHECK((admitted ? "" : code_of(admitted.error().reason)) == row.code);
  }
}

TEST_CASE("certificates: a CA that is trusted for a user lets in as its line says") {
  struct Row {
    const char* what;
    const char* options;
    void (*change)(Certified&, UserCertificate&);
    std::string_view code;
  };
  const std::vector<Row> rows{
      {"it names her", "cert-authority", [](auto&, auto&) {}, ""},
      {"it names somebody else", "cert-authority", [](auto&, auto& shown) { shown.principals = {"bob"}; },
       "certificate_refused"},
      {"it names nobody", "cert-authority", [](auto&, auto& shown) { shown.principals = {}; }, "certificate_refused"},
      {"the line says otherwise", R"(cert-authority,principals="ops,dev")", [](auto&, auto&) {}, "certificate_refused"},
      {"and that is what it names", R"(cert-authority,principals="ops,dev")",
       [](auto&, auto& shown) { shown.principals = {"dev"}; }, ""},
      {"there are no patterns", R"(cert-authority,principals="*")", [](auto&, auto&) {}, "certificate_refused"},
      {"the key is none of a CA", "", [](auto&, auto&) {}, "certificate_refused"},
      {"the user is disabled", "cert-authority", [](auto& known, auto&) { known.user.disabled_at = 1; },
       "user_disabled"},
      {"it is revoked", "cert-authority", [](auto& known, auto&) { known.is_revoked = true; }, "credential_revoked"},
      {"the certificate is over", "cert-authority", [](auto&, auto& shown) { shown.valid_before = 100; },
       "certificate_expired"},
      {"the line is over", "cert-authority", [](auto& known, auto&) { known.own->key_expires_at = 100; },
       "key_expired"},
      {"its expiry-time is", R"(cert-authority,expiry-time="19700101000140Z")", [](auto&, auto&) {}, "key_expired"},
      {"the line is for elsewhere", R"(cert-authority,from="192.0.2.0/24")", [](auto&, auto&) {}, "source_refused"},
      {"two commands", R"(cert-authority,command="ls")", [](auto&, auto& shown) { shown.force_command = "id"; },
       "certificate_refused"},
      {"the command of both is one", R"(cert-authority,command="ls")",
       [](auto&, auto& shown) { shown.force_command = "ls"; }, ""},
      {"what cannot be read lets nobody in", "cert-authority,retina", [](auto&, auto&) {}, "internal"},
      {"another CA of that key is trusted for everybody", "cert-authority,principals=\"ops\"",
       [](auto& known, auto&) { known.ca = alice_by_corp().ca; }, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    auto known = alice_by_her_own(row.options);
    auto shown = certificate_of_alice();
    row.change(known, shown);
    const auto admitted = admission(known, shown, {"10.0.0.1", 100}, {});
    CHECK((admitted ? "" : code_of(admitted.error().reason)) == row.code);
  }
}

TEST_CASE("certificates: what the line of a CA forbids is forbidden, and it lasts as long as both") {
  auto known = alice_by_her_own("cert-authority,restrict,pty");
  known.own->key_expires_at = 150;
  auto shown = certificate_of_alice();
  shown.valid_before = 200;
  const auto alice = admission(known, shown, {"10.0.0.1", 100}, {}).value();
  CHECK(alice.policy.pty);
  CHECK_FALSE(alice.policy.agent_forwarding);
  CHECK(alice.until == 150);
  const auto& credential = std::get<CertificateCredential>(alice.credential);
  CHECK(credential.ca == "SHA256:HERS");
  CHECK(credential.key == 9);
}

TEST_CASE("certificates: the key of a CA is none to log in with") {
  const auto refused = admission(*alice_by_her_own("cert-authority").own, {"10.0.0.1", 100}, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == Reason::key_removed);
}

TEST_CASE("certificates: who comes in with one is allowed what both allow, until it is over") {
  auto known = alice_by_corp();
  known.user.options = "no-pty";
  auto shown = certificate_of_alice();
  shown.valid_before = 200;
  shown.extensions = {"permit-pty", "permit-port-forwarding"};
  const auto alice = admission(known, shown, {"10.0.0.1", 100}, {}).value();
  CHECK_FALSE(alice.policy.pty);
  CHECK(alice.policy.local_forwarding);
  CHECK_FALSE(alice.policy.agent_forwarding);
  CHECK(alice.until == 200);
  CHECK(suffices(alice));
  CHECK(name_of(alice.credential) == transport::fingerprint(shown.key.blob));
}

TEST_CASE("certificates: the same key brings nobody further, with one or without") {
  auto known = alice_by_corp();
  known.user.auth = "publickey+certificate";
  const auto shown = certificate_of_alice();
  const auto by_certificate = admission(known, shown, {"10.0.0.1", 100}, {}).value();
  CHECK_FALSE(suffices(by_certificate));
  store::Key key{.id = 5, .blob = shown.key.blob, .fingerprint = transport::fingerprint(shown.key.blob), .comment = {}};
  auto by_key = admission(store::enrolled_key(known.user, key), {"10.0.0.1", 100}, {}).value();
  CHECK_FALSE(brings_further(by_certificate, by_key));
  key.fingerprint = "SHA256:another";
  by_key = admission(store::enrolled_key(known.user, key), {"10.0.0.1", 100}, {}).value();
  CHECK(brings_further(by_certificate, by_key));
  CHECK(suffices(together(by_certificate, by_key)));
}

}  // namespace bastion::access
