#include "bastion/session/menu_screen.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <utility>

namespace bastion::session {
namespace {

constexpr char kInterrupt = 0x03;
constexpr char kEndOfInput = 0x04;
constexpr char kBackspace = 0x08;
constexpr char kEraseLine = 0x15;
constexpr char kEscape = 0x1b;
constexpr char kDelete = 0x7f;
constexpr char kNext = 0x0e;      // Ctrl-N
constexpr char kPrevious = 0x10;  // Ctrl-P

constexpr std::size_t kMaxTyped = 64;
// Around the list: the question, the prompt, and one line in which something of the screen before stays to be seen.
constexpr std::uint32_t kOtherLines = 3;
constexpr std::uint32_t kUsualColumns = 80;
constexpr std::uint32_t kUsualRows = 24;

std::optional<std::size_t> number_in(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

}  // namespace

MenuScreen::MenuScreen(std::vector<access::Choice> choices, std::string_view terminal, std::uint32_t columns,
                       std::uint32_t rows)
    : choices_(std::move(choices)), is_dumb_(terminal.empty() || terminal == "dumb") {
  resize(columns, rows);
  filter();
}

void MenuScreen::resize(std::uint32_t columns, std::uint32_t rows) {
  columns_ = columns == 0 ? kUsualColumns : columns;
  rows_ = rows == 0 ? kUsualRows : rows;
}

MenuScreen::Outcome MenuScreen::type(std::string_view keys) {
  for (const char key : keys) {
    if (const auto outcome = press(key); outcome != Outcome::undecided) return outcome;
  }
  // A lone Escape: an arrow key comes in one piece with what follows it.
  return escape_ == Escape::begun ? Outcome::left : Outcome::undecided;
}

MenuScreen::Outcome MenuScreen::press(char key) {
  if (escape_ != Escape::none) {
    if (escape_ == Escape::begun && (key == '[' || key == 'O')) {
      escape_ = Escape::sequence;
    } else if (escape_ == Escape::begun) {
      return Outcome::left;
    } else if (key >= '@') {  // the last character of a sequence (ECMA-48)
      escape_ = Escape::none;
      on_escape_sequence(key);
    }
    return Outcome::undecided;
  }
  switch (key) {
    case '\r':
    case '\n': return visible_.empty() ? Outcome::undecided : Outcome::chosen;
    case kInterrupt:
    case kEndOfInput: return Outcome::left;
    case kEscape: escape_ = Escape::begun; return Outcome::undecided;
    case kNext: move(1); return Outcome::undecided;
    case kPrevious: move(-1); return Outcome::undecided;
    case kBackspace:
    case kDelete:
      if (!typed_.empty()) typed_.pop_back();
      break;
    case kEraseLine: typed_.clear(); break;
    default:
      if (key <= ' ' || typed_.size() >= kMaxTyped) return Outcome::undecided;
      typed_ += key;
  }
  filter();
  return Outcome::undecided;
}

void MenuScreen::on_escape_sequence(char last) {
  if (last == 'A') move(-1);
  if (last == 'B') move(1);
}

void MenuScreen::move(int by) {
  if (visible_.empty()) return;
  const auto count = visible_.size();
  mark_ = (mark_ + (by > 0 ? 1 : count - 1)) % count;
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
    if (choices_[i].name.contains(typed_)) visible_.push_back(i);
  }
}

std::string MenuScreen::cut(std::string line) const {
  if (line.size() >= columns_) line.resize(columns_ - 1);
  return line + "\r\n";
}

std::string MenuScreen::line_of(std::size_t place) const {
  std::size_t name_width = 0;
  std::size_t backend_width = 0;
  for (const auto& choice : choices_) {
    name_width = std::max(name_width, choice.name.size());
    backend_width = std::max(backend_width, choice.backend.size());
  }
  const auto& choice = choices_[visible_[place]];
  const bool is_marked = place == mark_;
  auto line = cut(fmt::format("{} {:>{}}  {:<{}}  {:<{}}  {}", is_marked ? '>' : ' ', visible_[place] + 1,
                              fmt::formatted_size("{}", choices_.size()), choice.name, name_width, choice.backend,
                              backend_width, choice.state));
  if (is_dumb_ || !is_marked) return line;
  line.insert(line.size() - 2, "\x1b[0m");
  return "\x1b[1m" + line;
}

// As much of it as fits, around the marked line.
std::string MenuScreen::list() const {
  const std::size_t room = rows_ > kOtherLines + 1 ? rows_ - kOtherLines : 1;
  const auto shown = is_dumb_ ? visible_.size() : std::min(room, visible_.size());
  const auto first = std::min(mark_ - std::min(mark_, shown / 2), visible_.size() - shown);
  std::string text;
  for (auto place = first; place < first + shown; ++place) text += line_of(place);
  return text;
}

std::string MenuScreen::draw() {
  if (is_dumb_) {
    const bool is_first = std::exchange(drawn_lines_, 1) == 0;
    if (is_first) return "Which container?\r\n" + list() + "A number, then Enter: ";
    return "\r\nA number, then Enter: " + typed_;
  }
  auto text = clear();
  const auto body =
      cut("Which container? Arrows or a number, letters to filter; Enter takes it, Ctrl-C leaves.") + list();
  drawn_lines_ = static_cast<std::size_t>(std::ranges::count(body, '\n'));
  auto prompt = cut("> " + typed_ + (visible_.empty() ? "  (none has that in its name)" : ""));
  prompt.resize(prompt.size() - 2);
  return text + body + prompt;
}

std::string MenuScreen::clear() {
  if (is_dumb_) return "\r\n";
  std::string text = "\r";
  if (drawn_lines_ > 0) text += fmt::format("\x1b[{}A", drawn_lines_);
  drawn_lines_ = 0;
  return text + "\x1b[J";
}

}  // namespace bastion::session
