#include "bastion/monitor/http.h"

#include <fmt/format.h>

#include <algorithm>

namespace bastion::monitor {
namespace {

std::string_view phrase_of(HttpStatus status) {
  switch (status) {
    case HttpStatus::ok: return "OK";
    case HttpStatus::bad_request: return "Bad Request";
    case HttpStatus::not_found: return "Not Found";
    case HttpStatus::method_not_allowed: return "Method Not Allowed";
    case HttpStatus::too_large: return "Request Header Fields Too Large";
    case HttpStatus::unavailable: return "Service Unavailable";
  }
  return "";
}

// A line ends with CRLF, or, for whoever types it, with LF.
std::size_t end_of_fields(std::string_view received) {
  return std::min(received.find("\r\n\r\n"), received.find("\n\n"));
}

}  // namespace

std::optional<std::expected<HttpRequest, HttpStatus>> parse_request(std::string_view received) {
  const auto bad = std::unexpected(HttpStatus::bad_request);
  if (end_of_fields(received) == std::string_view::npos) {
    if (received.size() > kLongestRequest) return std::unexpected(HttpStatus::too_large);
    return std::nullopt;
  }
  auto line = received.substr(0, received.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return bad;
  const auto method = line.substr(0, first);
  const auto target = line.substr(first + 1, last - first - 1);
  if (!line.substr(last + 1).starts_with("HTTP/1.") || !target.starts_with('/') || target.contains(' ')) return bad;
  if (method != "GET" && method != "HEAD") return std::unexpected(HttpStatus::method_not_allowed);
  return HttpRequest{.path = std::string(target.substr(0, target.find('?'))), .wants_body = method == "GET"};
}

std::string text_of(const HttpResponse& response, bool with_body) {
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}Cache-Control: no-store\r\nConnection: "
      "close\r\n\r\n{}",
      static_cast<int>(response.status), phrase_of(response.status), response.type, response.body.size(),
      response.status == HttpStatus::method_not_allowed ? "Allow: GET, HEAD\r\n" : "", with_body ? response.body : "");
}

}  // namespace bastion::monitor
