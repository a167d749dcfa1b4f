#include "bastion/auth/password.h"

#include <doctest/doctest.h>

#include <set>

#include "bastion/auth/methods.h"
#include "bastion/auth/password_hash.h"
#include "bastion/base/wire_format.h"

namespace bastion::auth {
namespace {

ByteVector fields_with(bool changes, std::string_view password, std::optional<std::string_view> next = std::nullopt) {
  WireWriter fields;
  fields.boolean(changes).string(password);
  if (next) fields.string(*next);
  return fields.take();
}

}  // namespace

TEST_CASE("passwords: what a request claims") {
  const auto plain = claimed_password(fields_with(false, "secret"));
  REQUIRE(plain);
  CHECK(plain->password == "secret");
  CHECK_FALSE(plain->next);
  const auto changing = claimed_password(fields_with(true, "old", "new"));
  REQUIRE(changing);
  CHECK(changing->password == "old");
  CHECK(changing->next == "new");
  const std::string longest(kLongestPassword, 'x');
  CHECK(claimed_password(fields_with(false, longest)));
  CHECK_FALSE(claimed_password(fields_with(false, longest + "x")));
  CHECK_FALSE(claimed_password(fields_with(false, "")));
  CHECK_FALSE(claimed_password(fields_with(true, "old")));
  CHECK_FALSE(claimed_password(fields_with(false, "old", "new")));
  CHECK_FALSE(claimed_password({}));
}

TEST_CASE("passwords: what is objected to") {
  const auto why = [](std::string_view text) { return objection_to_password(text).value_or(Error{}).text; };
  CHECK(why("correct horse").empty());
  CHECK(why("zwölf Zeichen").empty());
  CHECK(why("ääääöööüüü").contains("12 characters"));  // 20 bytes
  CHECK(why("").contains("12 characters"));
  CHECK(why("elevenchars").contains("12 characters"));
  CHECK(why("two lines,\nno less").contains("one line"));
  CHECK(why("aaaaaaaaaaaaaaaa").contains("one character"));
  CHECK(why(std::string(kLongestPassword / 2, 'x') + std::string(kLongestPassword / 2, 'y')).empty());
  CHECK(why(std::string(kLongestPassword, 'x') + "y").contains("1024 bytes"));
}

TEST_CASE("passwords: one that is made is good, and another one each time") {
  std::set<std::string> made;
  for (int i = 0; i < 20; ++i) {
    const auto one = new_password();
    REQUIRE(one);
    CHECK(one->size() == 19);
    CHECK_FALSE(objection_to_password(*one));
    made.insert(*one);
  }
  CHECK(made.size() == 20);
}

TEST_CASE("passwords: a hash is of one password, byte for byte") {
  const auto hash = hash_of_password("zwölf Zeichen").value();
  CHECK(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
  CHECK(is_password(hash, "zwölf Zeichen").value());
  CHECK_FALSE(is_password(hash, "zwo\u0308lf Zeichen").value());  // looks the same
  CHECK_FALSE(is_password(hash, "zwölf Zeichen\n").value());
  CHECK(hash_of_password("zwölf Zeichen").value() != hash);
  for (const auto* const none : {"", "$argon2id$", "$argon2i$v=19$m=65536,t=2,p=1$AAAA$AAAA", "*"}) {
    CHECK_FALSE(is_password(none, "").value());
  }
}

// Who has none is not told from others by what it costs.
TEST_CASE("passwords: nobody's hash costs what one of ours does") {
  const auto cost_of = [](const std::string& hash) { return hash.substr(0, hash.rfind('$', hash.rfind('$') - 1)); };
  const auto ours = hash_of_password("correct horse").value();
  CHECK(cost_of(nobodys_hash()) == cost_of(ours));
  CHECK(nobodys_hash().size() == ours.size());
  CHECK_FALSE(is_password(nobodys_hash(), "correct horse").value());
}

TEST_CASE("passwords: what is offered of a requirement") {
  using enum Factor;
  CHECK(methods_for(std::array{password}) == "keyboard-interactive,password");
  CHECK(methods_for(std::array{publickey, password}) == "publickey,keyboard-interactive,password");
  CHECK(methods_for(std::array{totp}) == "keyboard-interactive");
  CHECK(methods_for(std::array{publickey}) == "publickey");
}

}  // namespace bastion::auth
