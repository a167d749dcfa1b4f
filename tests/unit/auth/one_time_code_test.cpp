#include "bastion/auth/one_time_code.h"

#include <doctest/doctest.h>

#include <set>

#include "bastion/auth/methods.h"
#include "bastion/base/requirement.h"

namespace bastion::auth {

// RFC 6238 appendix B, the last six digits of what stands there.
TEST_CASE("one-time codes: those of the RFC") {
  const auto secret = bytes_of("12345678901234567890");
  struct Row {
    std::int64_t time;
    const char* code;
  };
  for (const auto& row : {Row{59, "287082"}, Row{1111111109, "081804"}, Row{1111111111, "050471"},
                          Row{1234567890, "005924"}, Row{2000000000, "279037"}, Row{20000000000, "353130"}}) {
    CAPTURE(row.time);
    CHECK(step_of(secret, row.code, row.time, 0) == row.time / 30);
  }
}

TEST_CASE("one-time codes: one step of drift each way, and each step once") {
  const auto secret = bytes_of("12345678901234567890");
  const std::string code = "005924";
  const std::int64_t step = 1234567890 / 30;
  CHECK(step_of(secret, code, (step - 1) * 30, 0) == step);
  CHECK(step_of(secret, code, (step + 1) * 30 + 29, 0) == step);
  CHECK_FALSE(step_of(secret, code, (step - 1) * 30 - 1, 0));
  CHECK_FALSE(step_of(secret, code, (step + 2) * 30, 0));
  CHECK(step_of(secret, code, step * 30, step - 1) == step);
  CHECK_FALSE(step_of(secret, code, step * 30, step));
  CHECK_FALSE(step_of(secret, code, step * 30, step + 1));
  CHECK_FALSE(step_of(secret, "005925", step * 30, 0));
  CHECK_FALSE(step_of(secret, "", step * 30, 0));
  CHECK_FALSE(step_of({}, "", step * 30, 0));
  CHECK_FALSE(step_of(secret, "0059240", step * 30, 0));
}

TEST_CASE("one-time codes: what can be one, and what a recovery code") {
  const auto kind = [](std::string_view text) {
    const auto typed = typed_code(text);
    return !typed ? "" : typed->kind == TypedCode::Kind::one_time ? "code" : "recovery";
  };
  CHECK(kind("123456") == std::string("code"));
  CHECK(kind(" 123 456\n") == std::string("code"));
  CHECK(typed_code("123 456")->text == "123456");
  CHECK(kind("abcd-efgh-ijkl-mnop") == std::string("recovery"));
  CHECK(kind("ABCD EFGH IJKL MNOP") == std::string("recovery"));
  CHECK(typed_code("ABCD EFGH-ijkl mnop")->text == "abcdefghijklmnop");
  for (const auto* const text : {"", "12345", "1234567", "12345a", "abcd-efgh-ijkl-mno", "abcd-efgh-ijkl-mno1",
                                 "abcd-efgh-ijkl-mnopq", "\xc3\xbc", "١٢٣٤٥٦"}) {
    CAPTURE(text);
    CHECK(kind(text) == std::string());
  }
  CHECK_FALSE(typed_code(std::string(1000, ' ') + "123456"));
  CHECK_FALSE(typed_code(std::string_view("123456\0", 7)));
}

TEST_CASE("one-time codes: what is made for somebody") {
  const auto secret = new_secret().value();
  CHECK(secret.size() == 20);
  CHECK(secret != new_secret().value());
  CHECK(base32(bytes_of("12345678901234567890")) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  CHECK(base32(bytes_of("f")) == "MY");
  CHECK(base32(bytes_of("foobar")) == "MZXW6YTBOI");
  CHECK(uri_of(bytes_of("foobar"), "our bastion", "alice") ==
        "otpauth://totp/our%20bastion:alice?secret=MZXW6YTBOI&issuer=our%20bastion");
  const auto codes = new_recovery_codes().value();
  CHECK(std::set(codes.begin(), codes.end()).size() == 10);
  for (const auto& code : codes) {
    CAPTURE(code);
    REQUIRE(typed_code(code));
    CHECK(typed_code(code)->kind == TypedCode::Kind::recovery);
    CHECK(hash_of_recovery_code(code) == hash_of_recovery_code(typed_code(code)->text));
  }
  CHECK(hash_of_recovery_code(codes[0]) != hash_of_recovery_code(codes[1]));
}

// Every combination: what is needed, what was shown, and by which methods it goes on.
TEST_CASE("methods: what is offered next is what is needed next") {
  using enum Factor;
  struct Row {
    const char* needs;
    std::vector<Factor> proven;
    const char* offered;
  };
  const std::vector<Row> rows{
      {"publickey", {}, "publickey"},
      {"publickey", {publickey}, ""},
      {"publickey", {totp}, "publickey"},
      {"publickey+totp", {}, "publickey"},
      {"publickey+totp", {publickey}, "keyboard-interactive"},
      {"publickey+totp", {certificate}, "keyboard-interactive"},
      {"publickey+totp", {totp}, "publickey"},
      {"publickey+totp", {publickey, totp}, ""},
      {"publickey+totp", {publickey, publickey}, "keyboard-interactive"},
      {"certificate+totp", {}, "publickey"},
      {"certificate+totp", {publickey}, "publickey"},
      {"certificate+totp", {certificate}, "keyboard-interactive"},
      {"certificate+totp", {certificate, totp}, ""},
      {"publickey+publickey+totp", {publickey}, "publickey"},
      {"publickey+publickey+totp", {publickey, publickey}, "keyboard-interactive"},
      {"publickey+totp|certificate", {}, "publickey"},
      {"publickey+totp|certificate", {publickey}, "publickey,keyboard-interactive"},
      {"publickey+totp|certificate", {certificate}, ""},
      {"publickey+totp|publickey+publickey", {publickey}, "publickey,keyboard-interactive"},
      {"publickey+totp|publickey+publickey", {publickey, publickey}, ""},
      {"publickey+totp|publickey+publickey", {publickey, totp}, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.needs);
    CAPTURE(row.proven.size());
    CHECK(methods_for(progress(parse_requirement(row.needs).value(), row.proven).next) == row.offered);
  }
}

}  // namespace bastion::auth
