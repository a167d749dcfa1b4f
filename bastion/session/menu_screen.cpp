#include "bastion/session/menu_screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <numeric>
#include <optional>
#include <utility>

#include "bastion/base/text_width.h"

namespace bastion::session {
namespace {

constexpr std::size_t kMaxTyped = 64;
// Around the list: the question, the heading, how to come here the next time, the prompt, and one line in which
// something of the screen before stays to be seen.
constexpr std::uint32_t kOtherLines = 5;
constexpr std::uint32_t kLeastOtherLines = 3;  // without the heading and the next time
constexpr std::uint32_t kUsualColumns = 80;
constexpr std::uint32_t kUsualRows = 24;
// The first that fits is asked.
constexpr std::array<std::string_view, 3> kQuestions{
    "Which container? Arrows or a number, letters filter; Enter takes it, Ctrl-C leaves",
    "Which container? Arrows, number, letters; Enter; Ctrl-C leaves",
    "Which one? Ctrl-C leaves",
};

std::optional<std::size_t> number_in(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

bool has_in_any_case(std::string_view name, std::string_view typed) {
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return typed.empty() || !std::ranges::search(name, typed, same).empty();
}

std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(width - std::min(width, width_of(text)), ' ');
}

}  // namespace

MenuScreen::MenuScreen(std::vector<access::Choice> choices, std::string user, std::string_view terminal,
                       std::uint32_t columns, std::uint32_t rows)
    : choices_(std::move(choices)), user_(std::move(user)), is_dumb_(terminal.empty() || terminal == "dumb") {
  resize(columns, rows);
  filter();
}

void MenuScreen::resize(std::uint32_t columns, std::uint32_t rows) {
  columns_ = columns == 0 ? kUsualColumns : columns;
  rows_ = rows == 0 ? kUsualRows : rows;
}

MenuScreen::Outcome MenuScreen::type(std::string_view keys) {
  while (const auto key = keys_.take(keys)) {
    if (const auto outcome = press(*key); outcome != Outcome::undecided) return outcome;
  }
  // A lone Escape: an arrow key comes in one piece with what follows it.
  return keys_.after_escape() ? Outcome::left : Outcome::undecided;
}

MenuScreen::Outcome MenuScreen::press(const Keystroke& key) {
  const auto page = static_cast<std::ptrdiff_t>(room());
  switch (key.key) {
    case Key::enter: return visible_.empty() ? Outcome::undecided : Outcome::chosen;
    case Key::alt: return Outcome::left;  // Escape, and then something
    case Key::control: return press_control(key.letter);
    case Key::up: move(-1); break;
    case Key::down: move(1); break;
    case Key::page_up: move_to(static_cast<std::ptrdiff_t>(mark_) - page); break;
    case Key::page_down: move_to(static_cast<std::ptrdiff_t>(mark_) + page); break;
    case Key::home: move_to(0); break;
    case Key::end: move_to(static_cast<std::ptrdiff_t>(visible_.size())); break;
    case Key::backspace:
      typed_.resize(typed_.size() - last_character(typed_));
      filter();
      break;
    case Key::text:
      if (key.text == " " || typed_.size() + key.text.size() > kMaxTyped) break;
      typed_ += key.text;
      filter();
      break;
    default: break;
  }
  return Outcome::undecided;
}

MenuScreen::Outcome MenuScreen::press_control(char letter) {
  switch (letter) {
    case 'c':
    case 'd': return Outcome::left;
    case 'n': move(1); break;
    case 'p': move(-1); break;
    case 'u':
      typed_.clear();
      filter();
      break;
    default: break;
  }
  return Outcome::undecided;
}

// Round about.
void MenuScreen::move(std::ptrdiff_t by) {
  if (visible_.empty()) return;
  const auto count = visible_.size();
  mark_ = (mark_ + (by > 0 ? 1 : count - 1)) % count;
}

void MenuScreen::move_to(std::ptrdiff_t place) {
  const auto last = visible_.empty() ? 0 : static_cast<std::ptrdiff_t>(visible_.size()) - 1;
  mark_ = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(place, 0, last));
}

// A number marks its line and hides nothing; anything else leaves the names that contain it.
void MenuScreen::filter() {
  visible_.clear();
  mark_ = 0;
  if (const auto number = number_in(typed_); number && *number >= 1 && *number <= choices_.size()) {
    visible_.resize(choices_.size());
    std::iota(visible_.begin(), visible_.end(), std::size_t{0});
    mark_ = *number - 1;
    return;
  }
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    if (has_in_any_case(choices_[i].name, typed_)) visible_.push_back(i);
  }
}

// The last column stays free: a terminal that has been written to its very end may have wrapped already.
std::string MenuScreen::cut(std::string_view line) const { return std::string(fitting(line, columns_ - 1)) + "\r\n"; }

std::size_t MenuScreen::room() const {
  const auto others = is_low() ? kLeastOtherLines : kOtherLines;
  return rows_ > others + 1 ? rows_ - others : 1;
}

std::string MenuScreen::question() const {
  const auto* const fits =
      std::ranges::find_if(kQuestions, [&](std::string_view text) { return width_of(text) < columns_; });
  return cut(fits != kQuestions.end() ? *fits : kQuestions.back());
}

std::string MenuScreen::row(std::string_view mark, std::string_view number, const access::Choice& choice) const {
  std::size_t name_width = width_of("CONTAINER");
  std::size_t backend_width = width_of("BACKEND");
  for (const auto& each : choices_) {
    name_width = std::max(name_width, width_of(each.name));
    backend_width = std::max(backend_width, width_of(each.backend));
  }
  return cut(fmt::format("{} {:>{}}  {}  {}  {}", mark, number, fmt::formatted_size("{}", choices_.size()),
                         padded(choice.name, name_width), padded(choice.backend, backend_width), choice.state));
}

std::string MenuScreen::line_of(std::size_t place) const {
  const auto& choice = choices_[visible_[place]];
  const bool is_marked = place == mark_;
  auto line = row(is_marked ? ">" : " ", fmt::format("{}", visible_[place] + 1), choice);
  if (is_dumb_ || !is_marked) return line;
  line.insert(line.size() - 2, "\x1b[0m");
  return "\x1b[1m" + line;
}

// As much of it as fits, around the marked line.
std::string MenuScreen::list() const {
  const auto shown = is_dumb_ ? visible_.size() : std::min(room(), visible_.size());
  const auto first = std::min(mark_ - std::min(mark_, shown / 2), visible_.size() - shown);
  std::string text;
  if (!is_low()) text = row(" ", "", {.name = "CONTAINER", .backend = "BACKEND", .state = "STATE"});
  for (auto place = first; place < first + shown; ++place) text += line_of(place);
  return text;
}

std::string MenuScreen::next_time() const {
  if (is_low()) return {};
  const std::string_view name = visible_.empty() ? std::string_view{"NAME"} : std::string_view{marked().name};
  return cut(fmt::format("next time: ssh {}+{}@...", user_, name));
}

std::string MenuScreen::prompt() const {
  auto prompt = cut("> " + typed_ + (visible_.empty() ? "  (none has that in its name)" : ""));
  prompt.resize(prompt.size() - 2);
  return prompt;
}

std::string MenuScreen::draw() {
  if (is_dumb_) {
    const bool is_first = std::exchange(drawn_lines_, 1) == 0;
    if (is_first) return "Which container?\r\n" + list() + next_time() + "A number, then Enter: ";
    return "\r\nA number, then Enter: " + typed_;
  }
  auto text = clear();
  const auto body = question() + list() + next_time();
  drawn_lines_ = static_cast<std::size_t>(std::ranges::count(body, '\n'));
  return text + body + prompt();
}

std::string MenuScreen::clear() {
  if (is_dumb_) return "\r\n";
  std::string text = "\r";
  if (drawn_lines_ > 0) text += fmt::format("\x1b[{}A", drawn_lines_);
  drawn_lines_ = 0;
  return text + "\x1b[J";
}

}  // namespace bastion::session
