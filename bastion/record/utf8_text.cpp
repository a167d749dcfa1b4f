#include "bastion/record/utf8_text.h"

#include <array>
#include <cstdint>

namespace bastion::record {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

constexpr std::uint8_t byte_at(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }

bool is_plain(std::uint8_t byte) { return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\'; }

void append_escaped(std::uint8_t byte, std::string& json) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (byte) {
    case '"': json += "\\\""; return;
    case '\\': json += "\\\\"; return;
    case '\n': json += "\\n"; return;
    case '\r': json += "\\r"; return;
    case '\t': json += "\\t"; return;
    default: break;
  }
  json += "\\u00";
  json += kHex[byte >> 4U];
  json += kHex[byte & 0xfU];
}

// The bytes that may stand second, by the first one (Unicode, table 3-7); the others are 80 to BF.
struct Second {
  std::uint8_t least = 0x80;
  std::uint8_t most = 0xbf;
};
Second second_of(std::uint8_t lead) {
  switch (lead) {
    case 0xe0: return {0xa0, 0xbf};
    case 0xed: return {0x80, 0x9f};
    case 0xf0: return {0x90, 0xbf};
    case 0xf4: return {0x80, 0x8f};
    default: return {};
  }
}

std::size_t length_by(std::uint8_t lead) {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 0;
}

// The character that `text` begins with, which is not of ASCII.
struct Character {
  std::size_t size;  // of it, or of what is replaced
  enum class Is : std::uint8_t { whole, begun, wrong } is;
};
Character character_of(std::string_view text) {
  using Is = Character::Is;
  const auto lead = byte_at(text, 0);
  const auto length = length_by(lead);
  if (length == 0) return {1, Is::wrong};
  for (std::size_t i = 1; i < length; ++i) {
    if (i == text.size()) return {i, Is::begun};
    const auto range = i == 1 ? second_of(lead) : Second{};
    if (byte_at(text, i) < range.least || byte_at(text, i) > range.most) return {i, Is::wrong};
  }
  return {length, Is::whole};
}

}  // namespace

void Utf8Text::append(std::string_view bytes, std::string& json) {
  std::string joined;
  if (!kept_.empty()) {
    joined = kept_;
    joined += bytes;
    kept_.clear();
    bytes = joined;
  }
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t plain = at;
    while (plain < bytes.size() && is_plain(byte_at(bytes, plain))) ++plain;
    json.append(bytes.substr(at, plain - at));
    at = plain;
    if (at == bytes.size()) return;
    if (byte_at(bytes, at) < 0x80) {
      append_escaped(byte_at(bytes, at++), json);
      continue;
    }
    const auto character = character_of(bytes.substr(at));
    if (character.is == Character::Is::begun) {
      kept_ = bytes.substr(at);
      return;
    }
    json += character.is == Character::Is::whole ? bytes.substr(at, character.size) : kReplacement;
    at += character.size;
  }
}

void Utf8Text::finish(std::string& json) {
  if (!kept_.empty()) json += kReplacement;
  kept_.clear();
}

}  // namespace bastion::record
