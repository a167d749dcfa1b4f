#include "bastion/http/response.h"

#include <doctest/doctest.h>

namespace bastion::http {

TEST_CASE("http response: an answer says how long it is, with its body or without") {
  const Response response{.status = Status::unavailable, .body = "draining\n"};
  const auto head = text_of(response, false, Behind::closes);
  CHECK(head.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  CHECK(head.contains("\r\nContent-Length: 9\r\n"));
  CHECK(head.contains("\r\nConnection: close\r\n"));
  CHECK(head.contains("\r\nCache-Control: no-store\r\n"));
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(text_of(response, true, Behind::closes) == head + "draining\n");
}

TEST_CASE("http response: one that goes on has no length") {
  const auto head = head_of({.fields = {{"A", "b"}}}, std::nullopt, Behind::closes);
  CHECK_FALSE(head.contains("Content-Length"));
  CHECK(head.contains("\r\nA: b\r\n"));
  CHECK(text_of({}, true, Behind::goes_on).contains("\r\nConnection: keep-alive\r\n"));
}

}  // namespace bastion::http
