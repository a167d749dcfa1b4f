// As much of a request over HTTP/1 (RFC 9110, RFC 9112) as pages of ours need: a head, and a body whose length it says.
// Pure. The bytes may come from anybody.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/http/status.h"

namespace bastion::http {

struct Field {
  std::string name;  // in small letters
  std::string value;
};

struct Request {
  std::string method;  // as it was sent: `GET`
  std::string path;    // begins with `/`; without a query, and as it was sent: nothing in it is decoded
  std::vector<Field> fields = {};
  std::string body = {};
  bool keeps_alive = false;  // another one may follow on the same connection

  // By its name in small letters; nothing where there is none, or several.
  [[nodiscard]] std::optional<std::string_view> field(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  // A request for a page, with what the page says or without that (HEAD).
  [[nodiscard]] bool reads() const { return method == "GET" || method == "HEAD"; }
};

// How much is read of one request.
struct Limits {
  std::size_t head = 8192;  // up to the empty line behind its fields
  std::size_t body = 0;
};
inline constexpr std::size_t kMostFields = 100;

struct Head {
  Request request;       // without its body
  std::size_t size = 0;  // of what was received
  std::size_t body = 0;  // and so much follows
};
// Nothing: it is not whole yet. A body without a length, or longer than the limit, is an error.
[[nodiscard]] std::optional<std::expected<Head, Status>> parse_head(std::string_view received, const Limits& limits);

}  // namespace bastion::http
