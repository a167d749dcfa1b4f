// What a request of a browser asks for, and whether it may come from where it comes from. Pure.
//
// The login is the authentication: whatever reaches the port on the user's machine acts for them. So it has to be kept
// from what else their browser has open, and a page of another origin
//
//   by a name of its own that leads to 127.0.0.1 (DNS rebinding)   | is in Host, and refused; so is the window's own
//   name
//                                                                  | by the port of a forward, where 127.0.0.1 has it
//   by a request that asks nobody first (a form, fetch no-cors)    | has its Origin or Sec-Fetch-Site, and no header of
//                                                                  | ours; it cannot send application/json
//   by one that asks first (a preflight)                           | is an OPTIONS, which nobody answers
//   by an image, a script, a frame                                 | has its Sec-Fetch-Site, and may read nothing
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "bastion/http/request.h"
#include "bastion/window/asset.h"

namespace bastion::window {

struct Refused {
  http::Status status;
  std::string_view sentence;
};
struct WhoRoute {};
struct LiveRoute {};
// Its body is what is to be run: run_request.h.
struct RunRoute {};
struct RecordingRoute {
  std::string id;  // letters, digits, `-`, `_` and `.`, none of which but the first two begins it
};
using Route = std::variant<Refused, const Asset*, WhoRoute, LiveRoute, RunRoute, RecordingRoute>;

// `asked` is what the window was asked for by: `bastion:80`.
[[nodiscard]] Route route_of(const http::Request& request, std::string_view asked);

// Whether a Host field, or an Origin behind its scheme, is this machine's as the user's browser has it, or what the
// window was asked for by: that is so through `ssh -D`, where no name of it is looked up on this machine.
[[nodiscard]] bool is_own_host(std::string_view authority, std::string_view asked);

}  // namespace bastion::window
