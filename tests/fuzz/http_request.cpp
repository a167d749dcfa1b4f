// A request over HTTP, from anybody on this machine or any page of a user's browser: it becomes whole once, and stays
// what it is whatever follows; and only what comes from a page of ours runs anything.
#include <string>

#include "bastion/base/bytes.h"
#include "bastion/http/request.h"
#include "bastion/window/route.h"
#include "bastion/window/run_request.h"
#include "tests/fuzz/require.h"

namespace bastion {

using fuzz::require;

constexpr http::Limits kFuzzed{.head = 4096, .body = 4096};

void route_it(const http::Request& request) {
  const auto route = window::route_of(request, "bastion:80");
  if (const auto* const asset = std::get_if<const window::Asset*>(&route)) require(*asset != nullptr, "it is there");
  if (const auto* const recording = std::get_if<window::RecordingRoute>(&route)) {
    require(!recording->id.contains('/') && !recording->id.starts_with('.'), "it names no file");
  }
  if (!std::holds_alternative<window::Refused>(route)) {
    require(window::is_own_host(*request.field("host"), "bastion:80"), "its host is ours");
  }
  if (std::holds_alternative<window::RunRoute>(route)) {
    require(request.method == "POST" && request.field("x-bastion-window") == "1", "it comes from a page of ours");
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto received = bastion::text_of(Bytes{data, size});
  const auto head = http::parse_head(received, kFuzzed);
  if (!head) {
    require(received.size() <= kFuzzed.head, "what is too long is refused");
    return 0;
  }
  if (!*head) return 0;
  const auto& request = (*head)->request;
  require((*head)->size <= kFuzzed.head && (*head)->body <= kFuzzed.body, "it is as long as it may be");
  require(request.path.starts_with('/') && !request.path.contains('?'), "it names a page");
  require(request.fields.size() <= http::kMostFields, "it has as many fields as it may have");
  const auto again = http::parse_head(std::string(received) + "GET /other HTTP/1.1\r\n\r\n", kFuzzed);
  require(again && *again && (*again)->request.path == request.path && (*again)->size == (*head)->size,
          "what follows changes nothing");
  route_it(request);
  const auto run = window::parse_run_request(received.substr((*head)->size));
  require(!run || run->words.size() <= window::kMostWords, "it has as many words as it may have");
  return 0;
}

}  // namespace bastion
