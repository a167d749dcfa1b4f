#include "bastion/base/json_line.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace bastion {
namespace {

struct Field {
  std::string_view key;
  std::string value;
};
struct Words {
  std::string_view sentence;
  std::vector<Field> fields;
};

bool is_of_a_key(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

// The text between quotes, which `text` begins with, and how much of it that is; of escapes those are undone that stand
// for a quote or a backslash.
std::optional<std::pair<std::string, std::size_t>> quoted(std::string_view text) {
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return std::pair{std::move(value), i + 1};
    const bool is_escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (is_escape) ++i;
    value += text[i];
  }
  return std::nullopt;
}

// The field that `text` begins with, and how much of it that is.
std::optional<std::pair<Field, std::size_t>> field_of(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_of_a_key(text[end])) ++end;
  if (end == 0 || end == text.size() || text[end] != '=') return std::nullopt;
  const auto key = text.substr(0, end++);
  const auto rest = text.substr(end);
  if (rest.starts_with('"')) {
    auto value = quoted(rest);
    if (!value) return std::nullopt;
    end += value->second;
    if (end < text.size() && text[end] != ' ') return std::nullopt;
    return std::pair{Field{key, std::move(value->first)}, end};
  }
  const auto value = rest.substr(0, rest.find(' '));
  return std::pair{Field{key, std::string(value)}, end + value.size()};
}

// Fields are what stands at the end without another word between them.
Words words_of(std::string_view text) {
  Words words{.sentence = text, .fields = {}};
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    if (auto field = field_of(text.substr(at))) {
      if (words.fields.empty()) words.sentence = text.substr(0, at);
      words.fields.push_back(std::move(field->first));
      at += field->second;
    } else {
      words = {.sentence = text, .fields = {}};
      while (at < text.size() && text[at] != ' ') ++at;
    }
  }
  while (words.sentence.ends_with(' ')) words.sentence.remove_suffix(1);
  return words;
}

void append_string(std::string& line, std::string_view text) {
  line += '"';
  while (!text.empty()) {
    utf8proc_int32_t point = 0;
    const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &point);
    if (length < 1) {
      line += "\\ufffd";
      text.remove_prefix(1);
      continue;
    }
    if (point == '"' || point == '\\') {
      line += '\\';
      line += static_cast<char>(point);
    } else if (point < ' ') {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", point);
    } else {
      line += text.substr(0, static_cast<std::size_t>(length));
    }
    text.remove_prefix(static_cast<std::size_t>(length));
  }
  line += '"';
}

}  // namespace

std::string json_line(std::string_view time, std::string_view level, std::string_view text) {
  const auto words = words_of(text);
  std::string line;
  const auto member = [&line](std::string_view key, std::string_view value) {
    line += line.empty() ? '{' : ',';
    append_string(line, key);
    line += ':';
    append_string(line, value);
  };
  member("time", time);
  member("level", level);
  member("message", words.sentence);
  for (const auto& field : words.fields) member(field.key, field.value);
  return line + "}\n";
}

}  // namespace bastion
