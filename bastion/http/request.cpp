#include "bastion/http/request.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "bastion/base/trimmed.h"

namespace bastion::http {
namespace {

constexpr std::string_view kBlanks = " \t";

// A line ends with CRLF, or, for whoever types it, with LF.
std::size_t size_of_head(std::string_view received) {
  const auto crlf = received.find("\r\n\r\n");
  const auto lf = received.find("\n\n");
  if (crlf == std::string_view::npos && lf == std::string_view::npos) return std::string_view::npos;
  return crlf < lf ? crlf + 4 : lf + 2;
}

std::string_view take_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// RFC 9110 section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || kMarks.contains(c);
  });
}

std::string small(std::string_view text) {
  std::string result(text);
  for (auto& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

struct FirstLine {
  std::string_view method;
  std::string_view target;
  bool is_first_version;  // HTTP/1.0
};
std::optional<FirstLine> parse_first(std::string_view line) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const auto version = line.substr(last + 1);
  const FirstLine parsed{line.substr(0, first), line.substr(first + 1, last - first - 1), version == "HTTP/1.0"};
  const bool is_clean = std::ranges::none_of(parsed.target, [](char c) { return c == ' ' || is_control(c); });
  if (!is_token(parsed.method) || !parsed.target.starts_with('/') || !is_clean) return std::nullopt;
  if (!parsed.is_first_version && version != "HTTP/1.1") return std::nullopt;
  return parsed;
}

// A line that goes on with the one before (RFC 9112 section 5.2) has no name, and so is none.
std::optional<Field> parse_field(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return std::nullopt;
  const auto value = trimmed(line.substr(colon + 1), kBlanks);
  if (std::ranges::any_of(value, [](char c) { return is_control(c) && c != '\t'; })) return std::nullopt;
  return Field{small(line.substr(0, colon)), std::string(value)};
}

std::expected<std::size_t, Status> length_of_body(const Request& request, std::size_t most) {
  if (request.has("transfer-encoding")) return std::unexpected(Status::not_implemented);
  if (!request.has("content-length")) return std::size_t{0};
  const auto said = request.field("content-length");
  if (!said) return std::unexpected(Status::bad_request);
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(said->data(), said->data() + said->size(), length);
  if (error == std::errc::result_out_of_range) return std::unexpected(Status::body_too_large);
  if (said->empty() || error != std::errc{} || end != said->data() + said->size()) {
    return std::unexpected(Status::bad_request);
  }
  if (length > most) return std::unexpected(Status::body_too_large);
  return static_cast<std::size_t>(length);
}

bool keeps_alive(const Request& request, bool is_first_version) {
  const auto wish = small(request.field("connection").value_or(""));
  return is_first_version ? wish == "keep-alive" : wish != "close";
}

}  // namespace

std::optional<std::string_view> Request::field(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &Field::name);
  if (found == fields.end() || std::ranges::count(fields, name, &Field::name) > 1) return std::nullopt;
  return found->value;
}

bool Request::has(std::string_view name) const { return std::ranges::find(fields, name, &Field::name) != fields.end(); }

std::optional<std::expected<Head, Status>> parse_head(std::string_view received, const Limits& limits) {
  const auto size = size_of_head(received);
  if (std::min(size, received.size()) > limits.head) return std::unexpected(Status::too_large);
  if (size == std::string_view::npos) return std::nullopt;
  auto left = received.substr(0, size);
  const auto first = parse_first(take_line(left));
  if (!first) return std::unexpected(Status::bad_request);
  Head head{.request = {.method = std::string(first->method),
                        .path = std::string(first->target.substr(0, first->target.find('?')))},
            .size = size};
  for (auto line = take_line(left); !line.empty(); line = take_line(left)) {
    auto field = parse_field(line);
    if (!field) return std::unexpected(Status::bad_request);
    if (head.request.fields.size() == kMostFields) return std::unexpected(Status::too_large);
    head.request.fields.push_back(*std::move(field));
  }
  // Lines that end in two ways may have an empty one before the end.
  if (!left.empty()) return std::unexpected(Status::bad_request);
  const auto body = length_of_body(head.request, limits.body);
  if (!body) return std::unexpected(body.error());
  head.body = *body;
  head.request.keeps_alive = keeps_alive(head.request, first->is_first_version);
  return head;
}

}  // namespace bastion::http
