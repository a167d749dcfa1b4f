#include "bastion/oidc/messages.h"

#include <doctest/doctest.h>

#include <variant>
#include <vector>

namespace bastion::oidc {

TEST_CASE("sign-on messages: each is read as it was written, and nothing that is cut short") {
  const Start start{
      .provider = {.issuer = "https://i", .client_id = "c", .scopes = "openid", .name_claim = "n", .groups_claim = "g"},
      .secret_file = "/s",
      .ca_file = "/c",
      .not_even_read = {"/a", "/b"}};
  CHECK(parse_start(encode(start)) == start);
  const Started started{.error = "e", .complaint = "c"};
  CHECK(parse_started(encode(started)) == started);
  const std::vector<Progress> all{
      Shown{.address = "https://a", .code = "AB", .address_with_code = "", .good_for = std::chrono::seconds{5}},
      SignedOn{.subject = "s", .name = "n \xff", .groups = {"a", ""}}, Failure{"why"}};
  for (const auto& one : all) {
    const auto message = encode(one);
    CHECK(parse_progress(message) == one);
    for (std::size_t size = 0; size < message.size(); ++size) {
      CHECK_FALSE(parse_progress(Bytes(message).first(size)));
    }
  }
  for (std::size_t size = 0; size < encode(start).size(); ++size) {
    const auto message = encode(start);
    CHECK_FALSE(parse_start(Bytes(message).first(size)));
  }
}

TEST_CASE("sign-on messages: what would move a cursor is not shown") {
  CHECK_FALSE(parse_progress(encode(Shown{.address = "https://a\x1b[2J", .code = "AB"})));
  CHECK_FALSE(parse_progress(encode(Shown{.address = "https://a", .code = "A\nB"})));
  CHECK_FALSE(parse_progress(ByteVector{9}));
}

}  // namespace bastion::oidc
