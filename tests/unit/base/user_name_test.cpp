#include "bastion/base/user_name.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion {
namespace {

std::string many(std::size_t count, std::string_view character) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += character;
  return text;
}

}  // namespace

TEST_CASE("user names: as people, mail addresses and directories have them") {
  for (const auto& name : {std::string("alice"), std::string("_svc"), std::string("Alice"), std::string("alice.b-c_9"),
                           std::string("alice@corp.example"), std::string("CORP\\alice"),
                           std::string("CORP\\alice@corp.example"), std::string("zoë"), std::string("Ольга"),
                           std::string("陳大文"), std::string("अनिल"), std::string("a٣"), many(64, "é")}) {
    CAPTURE(name);
    CHECK(user_name_of(name) == name);
    CHECK(is_user_name(name));
  }
}

TEST_CASE("user names: what is none") {
  for (const auto& text : {std::string(),
                           std::string("-x"),
                           std::string(".x"),
                           std::string("9x"),
                           std::string("@corp"),
                           std::string("\\alice"),
                           std::string("alice@"),
                           std::string("CORP\\"),
                           std::string("a@b@c"),
                           std::string("a\\b\\c"),
                           std::string("a+b"),
                           std::string("a/b"),
                           std::string("a:b"),
                           std::string("a b"),
                           std::string("a\tb"),
                           std::string("a\nb"),
                           std::string("a\0b", 3),
                           std::string("a\x7f"),
                           std::string("a\u00a0b"),  // a space that does not break
                           std::string("a\u2009b"),  // a thin one
                           std::string("a\u3000b"),  // one as wide as a character
                           std::string("a\u3164b"),  // a letter that is blank
                           std::string("a\u200bb"),  // a space without width
                           std::string("a\u200db"),  // a joiner
                           std::string("a\ufe0fb"),  // what selects a variation
                           std::string("a\u202eb"),  // from right to left from here on
                           std::string("a\u2066b"),
                           std::string("a\u0085b"),
                           std::string("a\u00ad"
                                       "b"),
                           std::string("a＋b"),
                           std::string("a／b"),
                           std::string("a;b"),
                           std::string("a\"b"),
                           std::string("a'b"),
                           std::string("a$b"),
                           std::string("a=b"),
                           std::string("a,b"),
                           std::string("a*b"),
                           std::string("a\xff"),
                           std::string("\xc3"),
                           std::string("a\xc0\xaf"),
                           std::string("\u0301a"),
                           std::string("a\u20dd"),
                           std::string("😀"),
                           many(65, "é"),
                           many(2000, "a")}) {
    CAPTURE(text);
    CHECK_FALSE(user_name_of(text));
    CHECK_FALSE(is_user_name(text));
  }
}

TEST_CASE("user names: one that is written in two ways is one") {
  CHECK(user_name_of("zoe\u0308") == "zoë");
  CHECK_FALSE(is_user_name("zoe\u0308"));
  CHECK(user_name_of(many(64, "e\u0301")) == many(64, "é"));
  CHECK(user_name_of("\u212bke") == "Åke");  // the sign of Ångström
}

TEST_CASE("user names: without case") {
  CHECK(without_case("CORP\\Alice") == "corp\\alice");
  CHECK(without_case("ОЛЬГА") == without_case("ольга"));
  CHECK(without_case("STRASSE") == without_case("straße"));
  CHECK(without_case("Σίσυφος") == without_case("ΣΊΣΥΦΟΣ"));
  CHECK(without_case("alice") == "alice");
  CHECK(without_case(without_case("İpek")) == without_case("İpek"));
}

}  // namespace bastion
