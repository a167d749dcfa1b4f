#include "bastion/record/harmless.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ranges>
#include <utility>

namespace bastion::record {
namespace {

constexpr char kEscape = '\x1b';
constexpr char kBell = '\x07';
constexpr char kCancel = '\x18';
constexpr char kSubstitute = '\x1a';
// Of our own count: no sequence that draws is longer.
constexpr std::size_t kLongestSequence = 128;
// No screen is larger, and nothing on it is repeated more often.
constexpr std::size_t kLongestNumber = 4;

constexpr bool is_final(char c) { return c >= 0x40 && c <= 0x7e; }
constexpr bool begins_string(char c) { return c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_'; }

// What a mode changes that is set or reset is to be seen on the screen only: the cursor, wrapping, another screen.
bool is_mode_of_screen(std::string_view parameter) {
  constexpr std::array<int, 9> kModes{5, 6, 7, 12, 25, 47, 1047, 1048, 1049};
  int mode = 0;
  const auto [end, error] = std::from_chars(parameter.data(), parameter.data() + parameter.size(), mode);
  return error == std::errc{} && end == parameter.data() + parameter.size() &&
         std::ranges::find(kModes, mode) != kModes.end();
}

bool sets_modes_of_screen(std::string_view parameters) {
  if (!parameters.starts_with('?')) return parameters == "4";  // insert mode
  return std::ranges::all_of(parameters.substr(1) | std::views::split(';'), [](const auto& part) {
    return is_mode_of_screen(std::string_view(part.begin(), part.end()));
  });
}

// Of sizes that make sense: a character is not to be repeated a thousand million times.
bool are_numbers(std::string_view parameters) {
  std::size_t length = 0;
  for (const char c : parameters) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && c != ';' && c != ':') return false;
    length = is_digit ? length + 1 : 0;
    if (length > kLongestNumber) return false;
  }
  return true;
}

// A control sequence, from ESC [ to its final.
bool draws(std::string_view sequence) {
  constexpr std::string_view kPlain = "@ABCDEFGHIJKLMPSTXZ`abdefmrsu";
  const char final = sequence.back();
  const auto parameters = sequence.substr(2, sequence.size() - 3);
  if (final == 'h' || final == 'l') return sets_modes_of_screen(parameters);
  const bool is_plain = are_numbers(parameters);
  const bool erases_some = (final == 'J' || final == 'K') && parameters.starts_with('?');
  return (is_plain || erases_some) && kPlain.contains(final);
}

}  // namespace

void Harmless::append(std::string_view text, std::string& out) {
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (state_ == State::text && byte >= 0x80) {
      if (byte >= 0xc0) character_.clear();
      character_ += c;
      const auto lead = static_cast<std::uint8_t>(character_.front());
      const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
      if (character_.size() < length) continue;
      on_text(character_, out);
      character_.clear();
    } else {
      on_control(c, out);
    }
  }
}

// The controls of ISO 6429 beyond ASCII have two bytes here, U+0080 to U+009F.
void Harmless::on_text(std::string_view character, std::string& out) {
  if (character.size() == 2 && character[0] == '\xc2' && static_cast<std::uint8_t>(character[1]) < 0xa0) {
    sequence_ = kEscape;
    state_ = State::escape;
    return on_escape(static_cast<char>(static_cast<std::uint8_t>(character[1]) - 0x40), out);
  }
  if (for_ == For::lines && std::exchange(after_return_, false)) out += '\n';
  out += character;
}

void Harmless::on_control(char c, std::string& out) {
  switch (state_) {
    case State::text: break;
    case State::escape: return on_escape(c, out);
    case State::control: return on_sequence(c, out);
    case State::string:
      if (c == kEscape) state_ = State::string_escape;
      if (c == kBell || c == kCancel || c == kSubstitute) state_ = State::text;
      return;
    case State::string_escape:
      state_ = c == '\\' ? State::text : State::escape;
      sequence_ = kEscape;
      if (state_ == State::escape) on_escape(c, out);
      return;
  }
  if (c == kEscape) {
    sequence_ = c;
    state_ = State::escape;
  } else if (for_ == For::lines) {
    if (c == '\r') {
      after_return_ = true;
    } else if (c == '\n' || c == '\t' || (c >= ' ' && c != 0x7f)) {
      if (std::exchange(after_return_, false) && c != '\n') out += '\n';
      out += c;
    }
  } else if (std::string_view("\b\t\n\v\f\r\x0e\x0f").contains(c) || (c >= ' ' && c != 0x7f)) {
    out += c;
  }
}

void Harmless::on_escape(char c, std::string& out) {
  if (c == kEscape) return;  // it begins anew
  if (c == '[' && sequence_.size() == 1) {
    sequence_ += c;
    state_ = State::control;
    return;
  }
  if (begins_string(c) && sequence_.size() == 1) {
    state_ = State::string;
    return;
  }
  if (c >= 0x20 && c <= 0x2f && sequence_.size() < 3) {  // ESC ( B and the like
    sequence_ += c;
    return;
  }
  state_ = State::text;
  constexpr std::string_view kDrawing = "78DEM";
  const bool selects_set = sequence_.size() == 2 && std::string_view("()*+#").contains(sequence_[1]);
  if (for_ == For::terminal && c >= 0x30 && c < 0x7f &&
      (selects_set || (sequence_.size() == 1 && kDrawing.contains(c)))) {
    out += sequence_ + c;
  }
}

void Harmless::on_sequence(char c, std::string& out) {
  if (c == kEscape) {
    sequence_ = c;
    state_ = State::escape;
    return;
  }
  if (c == kCancel || c == kSubstitute || static_cast<std::uint8_t>(c) >= 0x80) {
    state_ = State::text;
    return;
  }
  if (static_cast<std::uint8_t>(c) < 0x20) return;  // a control inside of one: too seldom to be worth it
  if (sequence_.size() < kLongestSequence) sequence_ += c;
  if (!is_final(c)) return;
  state_ = State::text;
  if (for_ == For::terminal && sequence_.back() == c && sequence_.size() < kLongestSequence && draws(sequence_)) {
    out += sequence_;
  }
}

}  // namespace bastion::record
