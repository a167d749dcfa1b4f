#include "bastion/base/key_command.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/small_world.h"

namespace bastion {

using test::must;
using test::refused;
using Words = std::vector<std::string>;

TEST_CASE("authorized_keys_command: tokens stand for who asks, and for the key that was shown") {
  const KeyQuestion question{.user = "alice@corp", .fingerprint = "SHA256:x", .type = "ssh-ed25519", .base64 = "AAAA"};
  struct Row {
    const char* text;
    Words words;
    bool names_the_key;
  };
  const Row rows[] = {
      {"/usr/bin/keys", {"/usr/bin/keys", "alice@corp"}, false},
      {"/usr/bin/keys %u", {"/usr/bin/keys", "alice@corp"}, false},
      {"  /usr/bin/keys   --of  ", {"/usr/bin/keys", "--of"}, false},
      {"/k %u-%u %%u", {"/k", "alice@corp-alice@corp", "%u"}, false},
      {"/k %%f %u", {"/k", "%f", "alice@corp"}, false},
      {"/k %f", {"/k", "SHA256:x"}, true},
      {"/k a%t,%k", {"/k", "assh-ed25519,AAAA"}, true},
      {"/k $(id) ;", {"/k", "$(id)", ";"}, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto command = must(parse_key_command(row.text));
    CHECK(command.is_set());
    CHECK(expanded(command, question) == row.words);
    CHECK(command.names_the_key() == row.names_the_key);
  }
  // What somebody is called is no word of it.
  CHECK(expanded(must(parse_key_command("/k %u")), {.user = "%f a"}) == Words{"/k", "%f a"});
}

TEST_CASE("authorized_keys_command: nothing is none, and what cannot be one says so") {
  CHECK_FALSE(must(parse_key_command("")).is_set());
  CHECK_FALSE(must(parse_key_command("  ")).is_set());
  CHECK(refused(parse_key_command("keys %u")) == "keys is no absolute path");
  CHECK(refused(parse_key_command("/usr/%u/keys")).contains("has a percent sign"));
  CHECK(refused(parse_key_command("/k %h")).contains("%h has a token"));
  CHECK(refused(parse_key_command("/k 100%")).contains("100% has a token"));
  CHECK(refused(parse_key_command("/k %%%")).contains("has a token"));
  CHECK(refused(parse_key_command("/k \"%u\"")).contains("without quotes"));
  std::string many = "/k";
  for (int i = 0; i < 40; ++i) many += " a";
  CHECK(refused(parse_key_command(many)).contains("more than"));
}

}  // namespace bastion
