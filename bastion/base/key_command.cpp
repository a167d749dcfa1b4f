#include "bastion/base/key_command.h"

#include <algorithm>
#include <filesystem>
#include <ranges>

namespace bastion {
namespace {

constexpr std::string_view kTokens = "uftk%";
constexpr std::size_t kMostWords = 32;

std::string_view token_value(char token, const KeyQuestion& question) {
  switch (token) {
    case 'u': return question.user;
    case 'f': return question.fingerprint;
    case 't': return question.type;
    case 'k': return question.base64;
    default: return "%";
  }
}

// What is wrong with one word behind the first.
Result<> must_be_argument(std::string_view word) {
  for (std::size_t at = word.find('%'); at != std::string_view::npos; at = word.find('%', at + 2)) {
    if (at + 1 < word.size() && kTokens.contains(word[at + 1])) continue;
    return fail("{} has a token that is none of %u, %f, %t, %k and %%", word);
  }
  return {};
}

std::string expanded_word(std::string_view word, const KeyQuestion& question) {
  std::string text;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '%' && i + 1 < word.size()) {
      text += token_value(word[++i], question);
    } else {
      text += word[i];
    }
  }
  return text;
}

}  // namespace

bool KeyCommand::names_the_key() const {
  const KeyQuestion marked{.user = {}, .fingerprint = "\1", .type = "\1", .base64 = "\1"};
  return std::ranges::any_of(words,
                             [&](const std::string& word) { return expanded_word(word, marked).contains('\1'); });
}

Result<KeyCommand> parse_key_command(std::string_view text) {
  if (text.find_first_of("\"'\\\n\r\t") != std::string_view::npos || text.contains('\0')) {
    return fail("it is words with spaces between them, without quotes and backslashes");
  }
  KeyCommand command;
  for (const auto part : text | std::views::split(' ')) {
    if (!part.empty()) command.words.emplace_back(part.begin(), part.end());
  }
  if (command.words.empty()) return command;
  if (command.words.size() > kMostWords) return fail("it has more than {} words", kMostWords);
  if (!std::filesystem::path(command.words.front()).is_absolute()) {
    return fail("{} is no absolute path", command.words.front());
  }
  if (command.words.front().contains('%')) return fail("the path of the program has a percent sign");
  for (const auto& word : command.words | std::views::drop(1)) {
    if (auto fits = must_be_argument(word); !fits) return std::unexpected(std::move(fits.error()));
  }
  if (command.words.size() == 1) command.words.emplace_back("%u");
  return command;
}

std::vector<std::string> expanded(const KeyCommand& command, const KeyQuestion& question) {
  std::vector<std::string> words;
  for (const auto& word : command.words) {
    words.push_back(words.empty() ? word : expanded_word(word, question));
  }
  return words;
}

}  // namespace bastion
