#include "bastion/monitor/http.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace bastion::monitor {

TEST_CASE("http: a request is whole when the empty line has come") {
  const std::string whole = "GET /metrics?x=1 HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(parse_request(whole.substr(0, size)).has_value());
  const auto request = parse_request(whole);
  REQUIRE(request.has_value());
  REQUIRE(request->has_value());
  CHECK((*request)->path == "/metrics");
  CHECK((*request)->wants_body);
  CHECK_FALSE((*parse_request("HEAD /healthz HTTP/1.0\n\n"))->wants_body);
}

TEST_CASE("http: what is no request for a page is refused") {
  struct Case {
    std::string received;
    HttpStatus status;
  };
  const auto cases = std::to_array<Case>({
      {"POST /metrics HTTP/1.1\r\n\r\n", HttpStatus::method_not_allowed},
      {"GET /metrics\r\n\r\n", HttpStatus::bad_request},
      {"GET metrics HTTP/1.1\r\n\r\n", HttpStatus::bad_request},
      {"GET /a b HTTP/1.1\r\n\r\n", HttpStatus::bad_request},
      {"GET /metrics SSH-2.0\r\n\r\n", HttpStatus::bad_request},
      {"\r\n\r\n", HttpStatus::bad_request},
      {"SSH-2.0-x\r\n\r\n", HttpStatus::bad_request},
      {"GET / HTTP/1.1\r\nX: " + std::string(kLongestRequest, 'x'), HttpStatus::too_large},
  });
  for (const auto& one : cases) {
    CAPTURE(one.received.substr(0, 40));
    const auto request = parse_request(one.received);
    REQUIRE(request.has_value());
    REQUIRE_FALSE(request->has_value());
    CHECK(request->error() == one.status);
  }
}

TEST_CASE("http: an answer says how long it is, with its body or without") {
  const HttpResponse response{.status = HttpStatus::unavailable, .body = "draining\n"};
  const auto head = text_of(response, false);
  CHECK(head.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(head.contains("\r\nContent-Length: 9\r\n"));
  CHECK(head.contains("\r\nConnection: close\r\n"));
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(text_of(response, true) == head + "draining\n");
}

}  // namespace bastion::monitor
