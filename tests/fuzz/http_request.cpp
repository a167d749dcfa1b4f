// A request over HTTP, from anybody on this machine: it becomes whole once, and stays what it is whatever follows.
#include <string>

#include "bastion/base/bytes.h"
#include "bastion/monitor/http.h"
#include "tests/fuzz/require.h"

namespace bastion::monitor {

using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto received = bastion::text_of(Bytes{data, size});
  const auto request = parse_request(received);
  if (!request) {
    require(received.size() <= kLongestRequest, "what is too long is refused");
    return 0;
  }
  if (*request) {
    require((*request)->path.starts_with('/') && !(*request)->path.contains('?'), "it names a page");
    const auto again = parse_request(std::string(received) + "GET /other HTTP/1.1\r\n\r\n");
    require(again && *again && (*again)->path == (*request)->path, "what follows changes nothing");
  }
  return 0;
}

}  // namespace bastion::monitor
