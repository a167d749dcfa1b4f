// What is answered over HTTP/1.1, as text. Pure: names and values of fields are ours, without an end of line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/http/status.h"

namespace bastion::http {

struct Response {
  Status status = Status::ok;
  std::string body = {};
  std::string_view type = "text/plain; charset=utf-8";
  // Beside its type, its length, and that nobody keeps a copy.
  std::vector<std::pair<std::string_view, std::string>> fields = {};
};

// What becomes of the connection.
enum class Behind : std::uint8_t { closes, goes_on };

// Up to the empty line. Without a length the end of the connection is the end of the body.
[[nodiscard]] std::string head_of(const Response& response, std::optional<std::size_t> length, Behind behind);
// The head and, for whoever wants it, the body.
[[nodiscard]] std::string text_of(const Response& response, bool with_body, Behind behind);

}  // namespace bastion::http
