#include "bastion/admin/shell_completion.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <utility>

#include "bastion/admin/commands/completion.h"
#include "bastion/admin/commands/names.h"
#include "bastion/config/file.h"
#include "store/database.h"

namespace bastion::admin {
namespace {

using Words = std::vector<std::string>;

constexpr std::string_view kConfig = "--config";
constexpr std::string_view kAdmin = "admin";

// Nobody waits for an error behind a Tab.
Names names_of(const std::optional<std::filesystem::path>& file, const char* environment, std::string_view line) {
  const auto config = config::load(config::source(file, environment));
  if (!config) return {};
  auto database = store::Database::open(config->database(), store::Database::Access::read);
  return database ? names_in(*database, line) : Names{};
}

// Takes `--config FILE` from the front of the words of a verb.
std::optional<std::filesystem::path> take_config(Words& words) {
  if (words.size() < 2 || words.front() != kConfig) return std::nullopt;
  std::filesystem::path file = words[1];
  words.erase(words.begin(), words.begin() + 2);
  return file;
}

Words options_of(const Verb& verb, const Typed& typed) {
  const bool value_is_next = !typed.words.empty() && typed.words.back().starts_with("--");
  return value_is_next ? Words{} : that_begin_with(typed.last, verb.options);
}

Words names_of(const std::vector<Verb>& verbs) {
  Words names;
  std::ranges::transform(verbs, std::back_inserter(names), &Verb::name);
  return names;
}

Words next_words(std::string_view line, const std::vector<Verb>& verbs, const char* environment) {
  auto typed = taken_apart(line);
  if (!typed || typed->words.empty()) return {};
  typed->words.erase(typed->words.begin());
  if (typed->words.empty()) return that_begin_with(typed->last, names_of(verbs));
  const auto verb = std::ranges::find(verbs, typed->words.front(), &Verb::name);
  if (verb == verbs.end()) return {};
  typed->words.erase(typed->words.begin());
  if (verb->name != kAdmin) return options_of(*verb, *typed);
  const auto file = take_config(typed->words);
  if (typed->words.empty() && typed->last.starts_with("-")) return options_of(*verb, *typed);
  if (!typed->words.empty() && typed->words.back() == kConfig) return {};
  return candidates(*typed, names_of(file, environment, line), store::Role::admin);
}

}  // namespace

std::string shell_candidates(std::string_view before_cursor, const std::vector<Verb>& verbs, const char* environment) {
  std::string text;
  for (const auto& word : next_words(before_cursor, verbs, environment)) text += word + "\n";
  return text;
}

}  // namespace bastion::admin
