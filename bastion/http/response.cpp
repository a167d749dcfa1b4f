#include "bastion/http/response.h"

#include <fmt/format.h>

#include <iterator>

namespace bastion::http {
namespace {

std::string_view phrase_of(Status status) {
  switch (status) {
    case Status::ok: return "OK";
    case Status::bad_request: return "Bad Request";
    case Status::forbidden: return "Forbidden";
    case Status::not_found: return "Not Found";
    case Status::method_not_allowed: return "Method Not Allowed";
    case Status::body_too_large: return "Content Too Large";
    case Status::wrong_type: return "Unsupported Media Type";
    case Status::too_many: return "Too Many Requests";
    case Status::too_large: return "Request Header Fields Too Large";
    case Status::not_implemented: return "Not Implemented";
    case Status::unavailable: return "Service Unavailable";
  }
  return "";
}

}  // namespace

std::string head_of(const Response& response, std::optional<std::size_t> length, Behind behind) {
  auto head = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\n", static_cast<int>(response.status),
                          phrase_of(response.status), response.type);
  if (length) fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", *length);
  for (const auto& [name, value] : response.fields) fmt::format_to(std::back_inserter(head), "{}: {}\r\n", name, value);
  head += "Cache-Control: no-store\r\n";
  head += behind == Behind::closes ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n";
  return head;
}

std::string text_of(const Response& response, bool with_body, Behind behind) {
  auto text = head_of(response, response.body.size(), behind);
  if (with_body) text += response.body;
  return text;
}

}  // namespace bastion::http
