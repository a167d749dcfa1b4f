#include "bastion/window/answers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "bastion/admin/commands/commands.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/grammar/own.h"
#include "bastion/admin/manifest/json.h"

namespace bastion::window {
namespace {

using Json = nlohmann::ordered_json;

// Of the page itself, whose player of recordings compiles WebAssembly; no text becomes a script by that.
constexpr std::string_view kScriptsOfPage = "'self' 'wasm-unsafe-eval'";
constexpr std::string_view kScripts = "'self'";

std::string content_policy(std::string_view scripts) {
  return fmt::format(
      "default-src 'none'; script-src {}; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; "
      "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      scripts);
}

http::Response with_scripts(http::Response response, std::string_view scripts) {
  auto& fields = response.fields;
  fields.emplace_back("Content-Security-Policy", content_policy(scripts));
  fields.emplace_back("X-Content-Type-Options", "nosniff");
  fields.emplace_back("X-Frame-Options", "DENY");
  fields.emplace_back("Referrer-Policy", "no-referrer");
  fields.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  fields.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  return response;
}

std::string_view without_end(std::string_view line) {
  while (line.ends_with('\n')) line.remove_suffix(1);
  return line;
}

// No line feed of a JSON document is inside of a text, nor are the blanks behind it.
std::string on_one_line(std::string_view document) {
  std::string line;
  line.reserve(document.size());
  bool is_indented = false;
  for (const char c : document) {
    is_indented = c == '\n' || (is_indented && c == ' ');
    if (!is_indented) line += c;
  }
  return line;
}

std::string text_in_json(std::string_view text) { return admin::json_text(Json(std::string(text))); }

}  // namespace

std::vector<std::string_view> commands_of(store::Role role) {
  std::vector<std::string_view> words;
  for (const auto& command : admin::commands()) {
    const bool is_theirs = role == store::Role::user ? admin::is_own(command) : command.role <= role;
    if (is_theirs) words.push_back(command.words);
  }
  return words;
}

bool can_be_confirmed(const std::vector<std::string>& words) {
  const auto line = fmt::format("{} ", fmt::join(words, " "));
  return std::ranges::any_of(admin::commands(), [&](const admin::Command& command) {
    return line.starts_with(command.words) && line[command.words.size()] == ' ' &&
           std::ranges::find(command.parameters, admin::kYesOption, &admin::Parameter::name) !=
               command.parameters.end();
  });
}

std::string who_text(const Place& place, const Viewer& viewer, store::Role role) {
  Json who;
  who["user"] = viewer.user;
  who["role"] = store::text_of(role);
  who["session"] = viewer.session;
  who["bastion"] = place.bastion;
  who["version"] = place.version;
  who["commands"] = commands_of(role);
  return admin::json_text(who) + "\n";
}

// What is JSON already is put in as it stands: it may be large.
std::string run_text(const admin::Outcome& outcome, bool is_json) {
  const auto out = without_end(outcome.out);
  const bool is_document = is_json && !out.empty();
  auto text = fmt::format("{{\"status\":{},\"output\":", static_cast<int>(outcome.status));
  text += is_document ? out : "null";
  text += ",\"text\":" + (is_document ? std::string("\"\"") : text_in_json(outcome.out));
  text += ",\"error\":" + text_in_json(without_end(outcome.err));
  text += ",\"question\":" + text_in_json(outcome.question) + "}\n";
  return text;
}

std::string event_text(std::string_view name, std::string_view document) {
  return fmt::format("event: {}\ndata: {}\n\n", name, on_one_line(document));
}

http::Response secured(http::Response response) { return with_scripts(std::move(response), kScripts); }

http::Response page(const Asset& asset) {
  http::Response response{.body = std::string(asset.content), .type = type_of(asset.name)};
  return with_scripts(std::move(response), asset.name.ends_with(".html") ? kScriptsOfPage : kScripts);
}

http::Response json_response(std::string text) {
  return secured({.body = std::move(text), .type = "application/json"});
}

http::Response refusal(const Refused& refused) {
  http::Response response{.status = refused.status, .body = std::string(refused.sentence)};
  if (refused.status == http::Status::method_not_allowed) response.fields.emplace_back("Allow", "GET, HEAD, POST");
  return secured(std::move(response));
}

}  // namespace bastion::window
