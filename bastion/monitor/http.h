// As much of HTTP (RFC 9110, RFC 9112) as a request for a page without parameters has. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace bastion::monitor {

enum class HttpStatus : std::uint16_t {
  ok = 200,
  bad_request = 400,
  not_found = 404,
  method_not_allowed = 405,
  too_large = 431,
  unavailable = 503,
};

struct HttpRequest {
  std::string path;        // without a query
  bool wants_body = true;  // false: HEAD
};

// What a request may have, up to the empty line behind its fields.
inline constexpr std::size_t kLongestRequest = 8192;

// Nothing: it is not whole yet. A body is not read.
[[nodiscard]] std::optional<std::expected<HttpRequest, HttpStatus>> parse_request(std::string_view received);

struct HttpResponse {
  HttpStatus status = HttpStatus::ok;
  std::string body;
  std::string_view type = "text/plain; charset=utf-8";
};
// The connection ends behind it.
[[nodiscard]] std::string text_of(const HttpResponse& response, bool with_body);

}  // namespace bastion::monitor
