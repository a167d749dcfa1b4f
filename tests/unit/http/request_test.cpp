#include "bastion/http/request.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace bastion::http {

constexpr Limits kSmall{.head = 1024, .body = 16};

TEST_CASE("http request: a head is whole when the empty line has come") {
  const std::string whole = "GET /metrics?x=1 HTTP/1.1\r\nHost: localhost\r\nACCEPT:\t*/* \r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(parse_head(whole.substr(0, size), kSmall).has_value());
  }
  const auto head = parse_head(whole + "GET /other HTTP/1.1\r\n\r\n", kSmall);
  REQUIRE(head.has_value());
  REQUIRE(head->has_value());
  CHECK((*head)->size == whole.size());
  CHECK((*head)->body == 0);
  const auto& request = (*head)->request;
  CHECK(request.path == "/metrics");
  CHECK(request.reads());
  CHECK(request.keeps_alive);
  CHECK(request.field("host") == "localhost");
  CHECK(request.field("accept") == "*/*");
  CHECK_FALSE(request.field("origin").has_value());
  CHECK((*parse_head("HEAD /healthz HTTP/1.0\n\n", kSmall))->request.method == "HEAD");
}

TEST_CASE("http request: what is none is refused by what is wrong with it") {
  struct Case {
    std::string received;
    Status status;
  };
  const auto with = [](std::string_view fields) { return "POST /a HTTP/1.1\r\n" + std::string(fields) + "\r\n\r\n"; };
  std::string many;
  for (std::size_t i = 0; i <= kMostFields; ++i) many += "a:\r\n";
  const std::vector<Case> cases{
      {"GET /metrics\r\n\r\n", Status::bad_request},
      {"GET metrics HTTP/1.1\r\n\r\n", Status::bad_request},
      {"GET /a b HTTP/1.1\r\n\r\n", Status::bad_request},
      {"GET /a\x01 HTTP/1.1\r\n\r\n", Status::bad_request},
      {"GET /metrics SSH-2.0\r\n\r\n", Status::bad_request},
      {"GET / HTTP/1.10\r\n\r\n", Status::bad_request},
      {"GET / HTTP/2.0\r\n\r\n", Status::bad_request},
      {"G(T / HTTP/1.1\r\n\r\n", Status::bad_request},
      {"\r\n\r\n", Status::bad_request},
      {"SSH-2.0-x\r\n\r\n", Status::bad_request},
      {with("no colon"), Status::bad_request},
      {with("name : value"), Status::bad_request},
      {with("name: value\r\n folded"), Status::bad_request},
      {with("name: a\rb"), Status::bad_request},
      {with(std::string_view("name: a\0b", 9)), Status::bad_request},
      {with(": value"), Status::bad_request},
      {with("name: value\n\r\nhidden: value"), Status::bad_request},
      {with("content-length: -1"), Status::bad_request},
      {with("content-length: 1 "
            "2"),
       Status::bad_request},
      {with("content-length:"), Status::bad_request},
      {with("content-length: 0x1"), Status::bad_request},
      {with("content-length: 4\r\nContent-Length: 4"), Status::bad_request},
      {with("content-length: 17"), Status::body_too_large},
      {with("content-length: 99999999999999999999999"), Status::body_too_large},
      {with("transfer-encoding: chunked"), Status::not_implemented},
      {with("content-length: 4\r\ntransfer-encoding: chunked"), Status::not_implemented},
      {with(many), Status::too_large},
      {"GET / HTTP/1.1\r\nX: " + std::string(kSmall.head, 'x'), Status::too_large},
      {"GET / HTTP/1.1\r\nX: " + std::string(kSmall.head, 'x') + "\r\n\r\n", Status::too_large},
  };
  for (const auto& one : cases) {
    CAPTURE(one.received.substr(0, 60));
    const auto head = parse_head(one.received, kSmall);
    REQUIRE(head.has_value());
    REQUIRE_FALSE(head->has_value());
    CHECK(head->error() == one.status);
  }
}

TEST_CASE("http request: a body is as long as it says") {
  const auto head = parse_head("POST /a HTTP/1.1\r\ncontent-length: 0016\r\n\r\n", kSmall);
  REQUIRE(head.has_value());
  REQUIRE(head->has_value());
  CHECK((*head)->body == 16);
}

TEST_CASE("http request: a field that is there twice has no value") {
  const auto head = parse_head("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", kSmall);
  REQUIRE(head->has_value());
  CHECK((*head)->request.has("host"));
  CHECK_FALSE((*head)->request.field("host").has_value());
}

TEST_CASE("http request: whether another one may follow") {
  const auto keeps = [](std::string_view line) {
    return (*parse_head("GET / HTTP/" + std::string(line) + "\r\n\r\n", kSmall))->request.keeps_alive;
  };
  CHECK(keeps("1.1"));
  CHECK(keeps("1.1\r\nConnection: keep-alive"));
  CHECK_FALSE(keeps("1.1\r\nConnection: Close"));
  CHECK_FALSE(keeps("1.0"));
  CHECK(keeps("1.0\r\nConnection: Keep-Alive"));
}

}  // namespace bastion::http
