#include "bastion/admin/manifest/yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <spanstream>
#include <stdexcept>
#include <utility>

#include "bastion/admin/manifest/document_builder.h"
#include "bastion/admin/manifest/json.h"

namespace bastion::admin {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

std::optional<std::int64_t> whole_number(const std::string& text) {
  const auto digits = text.starts_with('+') ? 1U : 0U;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + digits, text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// What a word without quotes means. That of null has been seen before.
Json meaning_of(const std::string& plain) {
  for (const auto* const word : {"true", "True", "TRUE"}) {
    if (plain == word) return true;
  }
  for (const auto* const word : {"false", "False", "FALSE"}) {
    if (plain == word) return false;
  }
  if (const auto number = whole_number(plain)) return *number;
  return plain;
}

// What yaml-cpp calls as it reads. What is not taken it throws, as the library does with what it cannot read.
class YamlEvents final : public YAML::EventHandler {
 public:
  [[nodiscard]] Json take() { return document_.take(); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { must(mark, document_.put(nullptr)); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    throw YAML::ParserException(mark, "references to other parts of the document are not taken: write it out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    const bool is_text = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!is_text && tag != "?") refuse_tag(mark, tag);
    must(mark, document_.put(is_text || document_.is_key_next() ? Json(value) : meaning_of(value)));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    enter(mark, tag, Json::array());
  }
  void OnSequenceEnd() override { document_.leave(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    enter(mark, tag, Json::object());
  }
  void OnMapEnd() override { document_.leave(); }

 private:
  [[noreturn]] static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    throw YAML::ParserException(mark, fmt::format("the tag {} is not known here", tag));
  }
  static void must(const YAML::Mark& mark, const DocumentBuilder::Wrong& wrong) {
    if (wrong) throw YAML::ParserException(mark, *wrong);
  }
  void enter(const YAML::Mark& mark, const std::string& tag, Json empty) {
    if (tag != "?" && tag != "!") refuse_tag(mark, tag);
    must(mark, document_.enter(std::move(empty)));
  }

  DocumentBuilder document_;
};

// Words that mean something to some reader of YAML, old ones included.
bool is_special(std::string_view text) {
  constexpr std::array<std::string_view, 11> kWords{"true", "false", "yes",  "no",  "on", "off",
                                                    "y",    "n",     "null", "nan", "inf"};
  return std::ranges::any_of(kWords, [&](std::string_view word) {
    return std::ranges::equal(word, text, [](char a, char b) { return a == (b | 0x20); });
  });
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_plain(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && !is_special(text) && std::ranges::all_of(text, [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
  });
}

std::string scalar(const Ordered& value) {
  if (value.is_string() && is_plain(value.get_ref<const std::string&>())) return value.get<std::string>();
  return json_text(value);
}

std::string key_of(const std::string& name) { return is_plain(name) ? name : json_text(name); }

bool has_parts(const Ordered& value) { return value.is_structured() && !value.empty(); }

void write(std::string& text, const Ordered& value, std::size_t indent);

void write_list(std::string& text, const Ordered& list, std::size_t indent) {
  for (const auto& value : list) {
    text.append(indent, ' ') += "- ";
    if (value.is_object() && !value.empty()) {
      // The first key stands behind the dash, the others below it.
      std::string object;
      write(object, value, indent + 2);
      text += std::string_view(object).substr(indent + 2);
    } else if (has_parts(value)) {
      text += '\n';
      write(text, value, indent + 2);
    } else {
      text += scalar(value) + "\n";
    }
  }
}

void write(std::string& text, const Ordered& value, std::size_t indent) {
  if (value.is_array() && !value.empty()) return write_list(text, value, indent);
  if (!has_parts(value)) {
    text.append(indent, ' ') += scalar(value) + "\n";
    return;
  }
  for (const auto& [name, part] : value.items()) {
    text.append(indent, ' ') += key_of(name) + ":";
    if (has_parts(part)) {
      text += '\n';
      write(text, part, indent + 2);
    } else {
      text += " " + scalar(part) + "\n";
    }
  }
}

}  // namespace

Result<Json> parse_yaml(std::string_view text) {
  std::ispanstream in{std::span<const char>(text)};
  YamlEvents document;
  try {
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(document)) return Json(nullptr);
    YamlEvents rest;
    if (parser.HandleNextDocument(rest)) return fail("there is more than one document");
    return document.take();
  } catch (const YAML::Exception& exception) {
    return fail("line {}, column {}: {}", exception.mark.line + 1, exception.mark.column + 1, exception.msg);
  } catch (const std::runtime_error& exception) {
    return fail("this is no YAML document: {}", exception.what());  // a few places in yaml-cpp throw nothing better
  }
}

std::string to_yaml(const Ordered& document) {
  std::string text;
  write(text, document, 0);
  return text;
}

}  // namespace bastion::admin
