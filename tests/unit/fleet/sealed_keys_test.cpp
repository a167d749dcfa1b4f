#include "bastion/fleet/sealed_keys.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/small_world.h"

namespace bastion::fleet {

using test::must;
using test::refused;

TEST_CASE("sealed keys: only the join key opens them, and nobody changes them") {
  const std::vector<KeyFile> files{{.name = "host_keys/ed25519", .text = "secret"},
                                   {.name = "identity/ca", .text = {}}};
  const auto key = must(JoinKey::make());
  const auto sealed = must(seal(files, key));
  CHECK(must(unseal(sealed, key)) == files);
  CHECK_FALSE(text_of(sealed).contains("secret"));
  CHECK(must(seal(files, key)) != sealed);
  CHECK(refused(unseal(sealed, must(JoinKey::make()))).starts_with("this is not the join key"));
  for (std::size_t at = 1; at < sealed.size(); ++at) {
    auto changed = sealed;
    changed[at] ^= 1;
    CAPTURE(at);
    CHECK(refused(unseal(changed, key)).starts_with("this is not the join key"));
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) CHECK_FALSE(unseal(Bytes(sealed).first(size), key));
  CHECK(must(unseal(must(seal({}, key)), key)).empty());
}

TEST_CASE("join key: its text is the key, and nothing else is one") {
  const auto key = must(JoinKey::make());
  const auto sealed = must(seal({{.name = "identity/ca", .text = "x"}}, key));
  CHECK(must(unseal(sealed, must(JoinKey::parse(key.text())))).size() == 1);
  CHECK(must(unseal(sealed, must(JoinKey::parse("  " + key.text() + "\r\n")))).size() == 1);
  for (const auto& text : {std::string(), std::string("join-"), std::string("  \n"), key.text() + "0",
                           key.text().substr(0, key.text().size() - 1), key.text().substr(5),
                           "join-" + std::string(64, 'g'), "join-" + std::string(62, '0') + "-1"}) {
    CAPTURE(text);
    CHECK(refused(JoinKey::parse(text)).starts_with("this is no join key"));
  }
}

}  // namespace bastion::fleet
