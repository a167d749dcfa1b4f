#include "bastion/admin/grammar/words.h"

#include <optional>
#include <utility>

namespace bastion::admin {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// RFC 4253 section 6.6: the text of every key begins with the length of its type's name, three zero bytes first.
bool is_key_text(std::string_view word) { return word.starts_with("AAAA"); }

bool is_key_type(std::string_view word) {
  return word.starts_with("ssh-") || word.starts_with("ecdsa-sha2-") || word.starts_with("sk-");
}

// What a backslash takes its meaning from, inside double quotes.
bool is_escapable_in_quotes(char c) { return c == '"' || c == '\\' || c == '$' || c == '`'; }

// Behind `command=` and its like, as they stand in authorized_keys: the quotes belong to the option. Not so behind
// `--comment=`.
bool begins_value_of_option(std::string_view word) {
  if (!word.ends_with('=')) return false;
  const auto comma = word.rfind(',');
  return !word.substr(comma == std::string_view::npos ? 0 : comma + 1).starts_with("--");
}

// A text in double quotes, with them; empty where it is not closed. Backslashes are left to who reads options.
std::string_view quoted_text(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return text.substr(0, i + 1);
    if (text[i] == '\\') ++i;
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  std::optional<std::string> word;
  char quote = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && is_blank(c)) {
      if (word) words.push_back(*std::exchange(word, std::nullopt));
      continue;
    }
    if (!word) word.emplace();
    if (quote == 0 && c == '"' && begins_value_of_option(*word)) {
      const auto value = quoted_text(line.substr(i));
      if (value.empty()) return fail("a \" is not closed");
      word->append(value);
      i += value.size() - 1;
      continue;
    }
    const bool has_next = i + 1 < line.size();
    if (c == '\\' && quote == 0) {
      if (!has_next) return fail("a backslash stands at the end");
      *word += line[++i];
    } else if (c == '\\' && quote == '"' && has_next && is_escapable_in_quotes(line[i + 1])) {
      *word += line[++i];
    } else if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else {
      *word += c;
    }
  }
  if (quote != 0) return fail("a {} is not closed", quote);
  if (word) words.push_back(*std::move(word));
  return words;
}

std::vector<std::string> join_keys(std::vector<std::string> words) {
  std::vector<std::string> joined;
  bool in_key = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool is_option = words[i].starts_with("--");
    if (in_key && !is_option) {
      joined.back() += " " + words[i];
      continue;
    }
    in_key = is_key_type(words[i]) && i + 1 < words.size() && is_key_text(words[i + 1]);
    joined.push_back(std::move(words[i]));
  }
  return joined;
}

Result<std::vector<std::string>> command_words(std::string_view line) {
  auto words = split_words(line);
  if (!words) return words;
  return join_keys(*std::move(words));
}

}  // namespace bastion::admin
