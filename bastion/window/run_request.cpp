#include "bastion/window/run_request.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace bastion::window {
namespace {

using nlohmann::json;

// What a command line could not have either.
bool is_word(const json& value) { return value.is_string() && !value.get_ref<const std::string&>().contains('\0'); }

std::optional<std::vector<std::string>> words_of(const json& value) {
  if (!value.is_array() || value.size() > kMostWords || !std::ranges::all_of(value, is_word)) return std::nullopt;
  return value.get<std::vector<std::string>>();
}

}  // namespace

Result<RunRequest> parse_run_request(std::string_view body) {
  const auto document = json::parse(body, nullptr, false);
  if (!document.is_object()) return fail("the body has to be a JSON object with \"words\"");
  RunRequest request;
  bool has_words = false;
  for (const auto& [name, value] : document.items()) {
    if (name == "words") {
      auto words = words_of(value);
      if (!words) return fail("\"words\" has to be a list of {} texts at most", kMostWords);
      request.words = *std::move(words);
      has_words = true;
    } else if (name == "confirmed" || name == "me") {
      if (!value.is_boolean()) return fail("\"{}\" has to be true or false", name);
      (name == "me" ? request.is_own : request.is_confirmed) = value.get<bool>();
    } else {
      return fail("there is \"words\", \"confirmed\" and \"me\", and nothing else");
    }
  }
  if (!has_words) return fail("\"words\" is missing");
  return request;
}

}  // namespace bastion::window
