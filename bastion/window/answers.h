// What a browser is answered, as JSON. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/commands/run.h"
#include "bastion/http/response.h"
#include "bastion/window/asset.h"
#include "bastion/window/route.h"

namespace bastion::window {

// Which bastion it is.
struct Place {
  std::string bastion;
  std::string version;
};

// Who looks, and the session that carries the window.
struct Viewer {
  std::string_view user;
  std::string_view session;
};

// {"user":…,"role":…,"session":…,"bastion":…,"version":…,"commands":[…]}
[[nodiscard]] std::string who_text(const Place& place, const Viewer& viewer, store::Role role);
// The words of every command that whoever has this role may give; without one, those of `me`.
[[nodiscard]] std::vector<std::string_view> commands_of(store::Role role);

// Whether what these words give may have to be confirmed, and is so by a word more (admin/grammar/confirmation.h).
[[nodiscard]] bool can_be_confirmed(const std::vector<std::string>& words);

// {"status":…,"output":…,"text":…,"error":…,"question":…}: `output` is what stands on standard output, where that is
// one JSON document, `text` where it is not, `question` what to ask before it is given again, confirmed.
[[nodiscard]] std::string run_text(const admin::Outcome& outcome, bool is_json);

// One event of text/event-stream, with a JSON document.
[[nodiscard]] std::string event_text(std::string_view name, std::string_view document);

// With what every answer has: who may use it, and that nobody keeps it.
[[nodiscard]] http::Response page(const Asset& asset);
[[nodiscard]] http::Response json_response(std::string text);
[[nodiscard]] http::Response refusal(const Refused& refused);
[[nodiscard]] http::Response secured(http::Response response);

}  // namespace bastion::window
