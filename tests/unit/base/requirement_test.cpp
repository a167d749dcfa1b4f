#include "bastion/base/requirement.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace bastion {
namespace {

using enum Factor;

// Also of what there is no method for yet.
Requirement made(std::vector<Requirement::Alternative> alternatives) { return {std::move(alternatives)}; }

std::string texts_of(const std::vector<Factor>& factors) {
  std::string text;
  for (const auto factor : factors) text += (text.empty() ? "" : " ") + std::string(text_of(factor));
  return text;
}

}  // namespace

TEST_CASE("requirements: what is read is printed in one form") {
  struct Row {
    const char* text;
    const char* printed;
  };
  constexpr std::array kRows{
      Row{"publickey", "publickey"},
      Row{" publickey | publickey+publickey ", "publickey|publickey+publickey"},
      Row{"publickey + publickey", "publickey+publickey"},
      Row{"publickey|publickey", "publickey"},
      Row{"certificate+publickey", "publickey+certificate"},
      Row{"totp+publickey", "publickey+totp"},
      Row{"certificate+totp|publickey", "certificate+totp|publickey"},
      Row{"password", "password"},
      Row{"totp+password|password+publickey", "password+totp|publickey+password"},
      Row{"oidc+publickey|oidc", "publickey+oidc|oidc"},
  };
  for (const auto& row : kRows) {
    CAPTURE(row.text);
    const auto read = parse_requirement(row.text).value();
    CHECK(text_of(read) == row.printed);
    CHECK(parse_requirement(row.printed).value() == read);
  }
  CHECK(text_of(made({{publickey, certificate}, {certificate}})) == "publickey+certificate|certificate");
}

TEST_CASE("requirements: what cannot be required is refused, and why") {
  struct Row {
    const char* text;
    const char* why;
  };
  constexpr std::array kRows{
      Row{"", "a word is missing"},
      Row{"publickey+", "a word is missing"},
      Row{"|publickey", "a word is missing"},
      Row{"publickey||publickey", "a word is missing"},
      Row{"totp", "totp alone lets nobody in"},
      Row{"publickey|totp", "totp alone lets nobody in"},
      Row{"totp+totp", "totp stands once"},
      Row{"publickey+totp+totp", "totp stands once"},
      Row{"password+password", "a user has one password"},
      Row{"oidc+publickey+oidc", "oidc stands once"},
      Row{"publikey", "did you mean publickey?"},
      Row{"hostbased", "\"hostbased\" is no way in"},
      Row{"PUBLICKEY", "is no way in"},
      Row{"publickey publickey", "is no way in"},
      Row{"publickey+publickey+publickey+publickey+publickey", "more than 4 proofs"},
  };
  for (const auto& row : kRows) {
    CAPTURE(row.text);
    const auto parsed = parse_requirement(row.text);
    REQUIRE_FALSE(parsed);
    CHECK_MESSAGE(parsed.error().text.find(row.why) != std::string::npos, parsed.error().text);
  }
  CHECK_FALSE(parse_requirement(std::string(1000, '|')));
  std::string many = "publickey";
  for (int i = 0; i < 8; ++i) many += "|publickey" + std::string(static_cast<std::size_t>(i) / 4, ' ');
  CHECK(parse_requirement(many));  // all the same
}

TEST_CASE("requirements: what is proven, and what is offered next") {
  using Factors = std::vector<Factor>;
  struct Row {
    std::vector<Factors> needs;
    Factors proven;
    bool is_done;
    const char* next;
  };
  const Factors key{publickey};
  const Factors shown{certificate};
  const Factors two{publickey, publickey};
  const Factors with_code{publickey, totp};
  const Factors key_and_certificate{publickey, certificate};
  const Factors word{password};
  const Factors key_and_word{publickey, password};
  const Factors word_and_code{password, totp};
  const std::vector<Row> rows{
      {{key}, {}, false, "publickey"},
      {{key}, key, true, ""},
      {{key}, shown, true, ""},
      {{shown}, {}, false, "certificate"},
      {{shown}, key, false, "certificate"},
      {{shown}, shown, true, ""},
      {{key, shown}, {}, false, "publickey certificate"},
      {{key, shown}, key, true, ""},
      {{two}, key, false, "publickey"},
      {{two}, two, true, ""},
      {{two}, key_and_certificate, true, ""},
      {{key_and_certificate}, {}, false, "publickey certificate"},
      {{key_and_certificate}, key, false, "certificate"},
      {{key_and_certificate}, shown, false, "publickey"},
      {{key_and_certificate}, two, false, "certificate"},
      {{key_and_certificate}, {certificate, publickey}, true, ""},
      {{key_and_certificate}, key_and_certificate, true, ""},
      {{key_and_certificate}, {certificate, certificate}, true, ""},
      {{with_code}, {}, false, "publickey"},
      {{with_code}, key, false, "totp"},
      {{with_code}, shown, false, "totp"},
      {{with_code}, {totp}, false, "publickey"},
      {{with_code}, {publickey, totp}, true, ""},
      {{with_code, shown}, {}, false, "publickey certificate"},
      {{with_code, shown}, key, false, "certificate totp"},
      {{with_code, two}, key, false, "publickey totp"},
      {{{publickey, certificate, totp}}, key, false, "certificate"},
      {{{publickey, certificate, totp}}, key_and_certificate, false, "totp"},
      {{{oidc}}, {}, false, "oidc"},
      {{{oidc}}, {oidc}, true, ""},
      {{{publickey, oidc}}, {}, false, "publickey"},
      {{{publickey, oidc}}, key, false, "oidc"},
      {{{publickey, oidc}}, {publickey, oidc}, true, ""},
      {{{publickey, totp, oidc}}, key, false, "totp"},
      {{{publickey, totp, oidc}}, {publickey, totp}, false, "oidc"},
      {{with_code, {publickey, oidc}}, key, false, "totp oidc"},
      {{{oidc}, {publickey, oidc}}, {}, false, "publickey oidc"},
      {{shown, two}, key, false, "publickey certificate"},
      {{shown, two}, key_and_certificate, true, ""},
      {{word}, {}, false, "password"},
      {{word}, word, true, ""},
      {{key, word}, {}, false, "publickey password"},
      {{key_and_word}, {}, false, "publickey"},
      {{key_and_word}, key, false, "password"},
      {{key_and_word}, word, false, "publickey"},
      {{key_and_word}, {password, publickey}, true, ""},
      {{word_and_code}, {}, false, "password"},
      {{word_and_code}, word, false, "totp"},
      {{word_and_code}, {totp}, false, "password"},
      {{word_and_code}, word_and_code, true, ""},
      {{{publickey, password, totp}}, key, false, "password"},
      {{{publickey, password, totp}}, key_and_word, false, "totp"},
      {{with_code, key_and_word}, key, false, "password totp"},
      {{{certificate, certificate}}, key_and_certificate, false, "certificate"},
      {{}, two, false, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(text_of(made(row.needs)));
    CAPTURE(texts_of(row.proven));
    const auto come = progress(made(row.needs), row.proven);
    CHECK(come.is_done == row.is_done);
    CHECK(texts_of(come.next) == row.next);
  }
}

TEST_CASE("requirements: what does not help is not taken") {
  CHECK(helps(made({{publickey}}), {}, publickey));
  CHECK(helps(made({{publickey}}), {}, certificate));
  CHECK_FALSE(helps(made({{certificate}}), {}, publickey));
  CHECK_FALSE(helps(made({{publickey, certificate}}), std::array{publickey}, publickey));
  CHECK(helps(made({{publickey, certificate}}), std::array{publickey}, certificate));
  CHECK_FALSE(helps(made({{publickey}}), std::array{publickey}, publickey));
  CHECK_FALSE(helps(made({{publickey, totp}}), {}, totp));
  CHECK_FALSE(helps(made({{publickey, password}}), {}, password));
  CHECK_FALSE(helps(made({{password, totp}}), {}, totp));
  CHECK(helps(made({{password, totp}}), std::array{password}, totp));
  CHECK(helps(made({{publickey, totp}}), std::array{publickey}, totp));
  CHECK_FALSE(helps(made({{publickey, totp}}), std::array{publickey}, publickey));
}

TEST_CASE("requirements: whether something is asked for at all") {
  const auto either = parse_requirement("publickey+totp|password+totp").value();
  CHECK(names(either, Factor::password));
  CHECK(names(either, Factor::totp));
  CHECK_FALSE(names(either, Factor::oidc));
  CHECK_FALSE(names(Requirement{}, Factor::publickey));
}

}  // namespace bastion
