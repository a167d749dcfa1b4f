#include "bastion/base/key_decoder.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace bastion {
namespace {

constexpr char kEscape = 0x1b;
constexpr char kBackspace = 0x08;
constexpr char kDelete = 0x7f;
constexpr std::size_t kMostParameters = 16;

unsigned char value_of(char byte) { return static_cast<unsigned char>(byte); }
bool is_continuation(char byte) { return (value_of(byte) & 0xc0) == 0x80; }

// By its first byte; 0 where no character begins.
std::size_t length_of_character(char first) {
  const auto value = value_of(first);
  if (value < 0x80) return 1;
  if (value >= 0xc2 && value < 0xe0) return 2;
  if (value >= 0xe0 && value < 0xf0) return 3;
  return value >= 0xf0 && value < 0xf5 ? 4 : 0;
}

// U+0080 to U+009F are controls too.
bool is_control_character(std::string_view character) {
  return character.size() == 2 && value_of(character[0]) == 0xc2 && value_of(character[1]) < 0xa0;
}

// Behind CSI: the parameters before the `~`.
Key key_of_number(std::string_view number) {
  struct Numbered {
    std::string_view number;
    Key key;
  };
  constexpr Numbered kNumbered[] = {
      {"1", Key::home},      {"7", Key::home},           {"4", Key::end},
      {"8", Key::end},       {"3", Key::erase},          {"5", Key::page_up},
      {"6", Key::page_down}, {"200", Key::paste_begins}, {"201", Key::paste_ends},
  };
  const auto* const found = std::ranges::find(kNumbered, number, &Numbered::number);
  return found != std::end(kNumbered) ? found->key : Key::other;
}

// Behind CSI or SS3: the last byte of the sequence.
Key key_of_sequence(char last, std::string_view parameters) {
  const bool with_modifier = parameters.ends_with(";5") || parameters.ends_with(";3");  // Ctrl, Alt
  switch (last) {
    case 'A': return Key::up;
    case 'B': return Key::down;
    case 'C': return with_modifier ? Key::word_right : Key::right;
    case 'D': return with_modifier ? Key::word_left : Key::left;
    case 'c': return Key::word_right;  // rxvt
    case 'd': return Key::word_left;
    case 'H': return Key::home;
    case 'F': return Key::end;
    case '~': return key_of_number(parameters);
    default: return Key::other;
  }
}

}  // namespace

std::optional<Keystroke> KeyDecoder::take(std::string_view& bytes) {
  while (!bytes.empty()) {
    const char byte = bytes.front();
    bytes.remove_prefix(1);
    if (auto keystroke = press(byte)) return keystroke;
  }
  return std::nullopt;
}

std::optional<Keystroke> KeyDecoder::press(char byte) {
  switch (escape_) {
    case Escape::begun: return press_after_escape(byte);
    case Escape::control_sequence:
    case Escape::single_shift:
    case Escape::function_key: return press_in_sequence(byte);
    case Escape::none: break;
  }
  return press_plain(byte);
}

std::optional<Keystroke> KeyDecoder::press_after_escape(char byte) {
  parameters_.clear();
  if (byte == kEscape) return std::nullopt;  // Alt and an arrow, as rxvt has it
  escape_ = byte == '[' ? Escape::control_sequence : byte == 'O' ? Escape::single_shift : Escape::none;
  if (escape_ != Escape::none) return std::nullopt;
  if (byte == kBackspace || byte == kDelete) return Keystroke{.key = Key::alt, .letter = kDelete};
  if (value_of(byte) < ' ' || value_of(byte) >= 0x80) return press_plain(byte);
  return Keystroke{.key = Key::alt, .letter = static_cast<char>(std::tolower(value_of(byte)))};
}

std::optional<Keystroke> KeyDecoder::press_in_sequence(char byte) {
  if (byte == kEscape) {  // what began there has no end
    escape_ = Escape::begun;
    return std::nullopt;
  }
  const bool is_function_key = escape_ == Escape::function_key;
  if (value_of(byte) >= ' ' && value_of(byte) < '@' && !is_function_key) {
    if (parameters_.size() < kMostParameters) parameters_ += byte;
    return std::nullopt;
  }
  if (byte == '[' && escape_ == Escape::control_sequence && parameters_.empty()) {  // F1 to F5 of the Linux console
    escape_ = Escape::function_key;
    return std::nullopt;
  }
  escape_ = Escape::none;
  if (value_of(byte) < ' ' || value_of(byte) >= 0x80) return press_plain(byte);  // no sequence has them
  if (is_function_key) return Keystroke{.key = Key::other};
  return Keystroke{.key = key_of_sequence(byte, parameters_)};
}

std::optional<Keystroke> KeyDecoder::press_plain(char byte) {
  const bool was_return = std::exchange(after_return_, byte == '\r');
  if (value_of(byte) >= ' ' && byte != kDelete) return press_text(byte);
  character_.clear();
  switch (byte) {
    case kEscape: escape_ = Escape::begun; return std::nullopt;
    case '\n':
      if (was_return) return std::nullopt;
      return Keystroke{.key = Key::enter};
    case '\r': return Keystroke{.key = Key::enter};
    case '\t': return Keystroke{.key = Key::tab};
    case kBackspace:
    case kDelete: return Keystroke{.key = Key::backspace};
    default: return Keystroke{.key = Key::control, .letter = static_cast<char>(std::tolower(byte | 0x40))};
  }
}

std::optional<Keystroke> KeyDecoder::press_text(char byte) {
  if (!is_continuation(byte)) character_.clear();
  if (character_.empty() && length_of_character(byte) == 0) return std::nullopt;
  character_ += byte;
  if (character_.size() < length_of_character(character_.front())) return std::nullopt;
  auto text = std::exchange(character_, {});
  if (is_control_character(text)) return std::nullopt;
  return Keystroke{.key = Key::text, .text = std::move(text)};
}

}  // namespace bastion
