#include "bastion/transport/user_certificate.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/base/wire_format.h"
#include "tests/support/host_certificate_data.h"

namespace bastion::transport {
namespace {

using test::HostCertificateData;

const KeyPair& ca() {
  static const auto made = KeyPair::generate(KeyPair::Kind::ed25519).value();
  return made;
}

// One that would do; the rest of the options is none.
HostCertificateData sound() {
  static const auto key = KeyPair::generate(KeyPair::Kind::ed25519).value().public_key();
  return {.key = key, .kind = 1, .key_id = "alice's laptop", .principals = {"alice"}};
}

std::string option(std::string_view name, std::string_view value) {
  WireWriter out;
  out.string(name).string(value);
  return {out.view().begin(), out.view().end()};
}

std::string text_option(std::string_view name, std::string_view value) {
  WireWriter inner;
  inner.string(value);
  return option(name, std::string(inner.view().begin(), inner.view().end()));
}

std::string why_not(const HostCertificateData& data) {
  const auto parsed = parse_user_certificate(data.signed_by(ca()));
  return parsed ? "" : parsed.error().text;
}

}  // namespace

TEST_CASE("a user certificate is read with its options and extensions") {
  auto data = sound();
  data.critical_options = text_option("force-command", "uptime") + text_option("source-address", "10.0.0.0/8") +
                          option("verify-required", "");
  data.extensions = option("permit-pty", "") + option("other@example.com", "said");
  const auto read = parse_user_certificate(data.signed_by(ca()));
  REQUIRE_MESSAGE(read, read.error().text);
  CHECK(read->key == data.key);
  CHECK(read->serial == 7);
  CHECK(read->key_id == "alice's laptop");
  CHECK(read->principals == std::vector<std::string>{"alice"});
  CHECK(read->force_command == "uptime");
  CHECK(read->source_address == "10.0.0.0/8");
  CHECK(read->verify_required);
  CHECK(read->has("permit-pty"));
  CHECK_FALSE(read->has("permit-port-forwarding"));
  CHECK_FALSE(read->expires_at());
  CHECK(is_signed_by_its_ca(*read));
}

TEST_CASE("what is no user certificate is refused, and why") {
  auto data = sound();
  CHECK(why_not(data).empty());
  data.kind = 2;
  CHECK(why_not(data) == "it is no certificate of a user");
  data = sound();
  data.critical_options = option("new@example.com", "");
  CHECK(why_not(data) == "it has the critical option new@example.com, which is not known");
  data.critical_options = option("force-command", "no string");
  CHECK(why_not(data) == "its option force-command is malformed");
  data.critical_options = text_option("force-command", "a") + text_option("force-command", "b");
  CHECK(why_not(data) == "its option force-command is malformed");
  data.critical_options = option("verify-required", "x");
  CHECK(why_not(data) == "its option verify-required is malformed");
  data.critical_options = "garbage";
  CHECK(why_not(data) == "it is malformed");
  data = sound();
  data.behind_signature = "x";
  CHECK(why_not(data) == "it is malformed");
}

TEST_CASE("that its CA has signed it is another question than what it says") {
  auto forged = parse_user_certificate(sound().signed_by(ca())).value();
  CHECK(is_signed_by_its_ca(forged));
  forged.blob.back() ^= 1;
  CHECK_FALSE(is_signed_by_its_ca(forged));
}

TEST_CASE("a user certificate is valid from its first second to the one before its last") {
  auto data = sound();
  data.valid_after = 100;
  data.valid_before = 200;
  const auto read = parse_user_certificate(data.signed_by(ca())).value();
  CHECK(objection_to_time(read, 99).has_value());
  CHECK_FALSE(objection_to_time(read, 100).has_value());
  CHECK_FALSE(objection_to_time(read, 199).has_value());
  CHECK(objection_to_time(read, 200).has_value());
  CHECK(read.expires_at() == 200);
}

}  // namespace bastion::transport
