#include "bastion/admin/line_editor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

constexpr std::uint32_t kUsualColumns = 80;
constexpr char kDelete = 0x7f;
constexpr std::size_t kLongestSought = 64;

// The end of it that takes no more than so many columns.
std::string_view end_within(std::string_view text, std::size_t columns) {
  std::size_t taken = 0;
  for (std::size_t used = 0; taken < text.size();) {
    const auto rest = text.substr(0, text.size() - taken);
    const auto bytes = last_character(rest);
    used += width_of(rest.substr(rest.size() - bytes));
    if (used > columns) break;
    taken += bytes;
  }
  return text.substr(text.size() - taken);
}

}  // namespace

void LineEditor::Dropped::add(const Dropped& more) {
  if (lines == 0) first = more.first;
  lines += more.lines;
  asks_to_leave = asks_to_leave || more.asks_to_leave;
}

LineEditor::LineEditor(std::string prompt, std::uint32_t columns) : prompt_(std::move(prompt)) { resize(columns); }

void LineEditor::resize(std::uint32_t columns) { columns_ = columns == 0 ? kUsualColumns : columns; }

LineEditor::Event LineEditor::type(std::string_view& keys) {
  while (const auto stroke = keys_.take(keys)) {
    if (const auto event = press(*stroke); event != Event::none) return event;
  }
  return Event::none;
}

LineEditor::Dropped LineEditor::drop(std::string_view keys) {
  Dropped dropped;
  std::string line;
  const auto end_line = [&] {
    if (line.empty()) return;
    dropped.add({.first = std::exchange(line, {}), .lines = 1});
  };
  while (const auto stroke = keys_.take(keys)) {
    if (stroke->key == Key::paste_begins) in_paste_ = true;
    if (stroke->key == Key::paste_ends || stroke->is_control('c')) in_paste_ = false;
    if (stroke->is_control('c') || (stroke->text == "q" && !in_paste_)) dropped.asks_to_leave = true;
    if (stroke->key == Key::text) line += stroke->text;
    if (stroke->key == Key::enter) end_line();
  }
  end_line();
  return dropped;
}

LineEditor::Event LineEditor::press(const Keystroke& stroke) {
  if (search_ && search(stroke)) return Event::none;
  if (in_paste_ && stroke.key != Key::enter && !stroke.is_control('c')) {
    press_in_paste(stroke);
    return Event::none;
  }
  switch (stroke.key) {
    case Key::enter: return Event::entered;
    case Key::tab: return Event::completion;
    case Key::control: return press_control(stroke.letter);
    case Key::alt: press_alt(stroke.letter); break;
    case Key::text: line_.insert(stroke.text); break;
    case Key::backspace: line_.erase_left(); break;
    case Key::erase: line_.erase_right(); break;
    case Key::left: line_.move_left(); break;
    case Key::right: line_.move_right(); break;
    case Key::word_left: line_.move_word_left(); break;
    case Key::word_right: line_.move_word_right(); break;
    case Key::home: line_.move_to_begin(); break;
    case Key::end: line_.move_to_end(); break;
    case Key::up: recall(history_.older(line())); break;
    case Key::down: recall(history_.newer()); break;
    case Key::paste_begins: in_paste_ = true; break;
    default: break;
  }
  return Event::none;
}

LineEditor::Event LineEditor::press_control(char letter) {
  switch (letter) {
    case 'c': in_paste_ = false; return Event::interrupted;
    case 'd':
      if (line().empty()) return Event::left;
      line_.erase_right();
      break;
    case 'l': return Event::redraw;
    case 'a': line_.move_to_begin(); break;
    case 'e': line_.move_to_end(); break;
    case 'b': line_.move_left(); break;
    case 'f': line_.move_right(); break;
    case 'k': line_.kill_to_end(); break;
    case 'u': line_.kill_to_begin(); break;
    case 'w': line_.kill_to_blank(); break;
    case 'y': line_.yank(); break;
    case 'p': recall(history_.older(line())); break;
    case 'n': recall(history_.newer()); break;
    case 'r': search_ = Search{.text = {}, .found = history_.size(), .draft = line()}; break;
    default: break;
  }
  return Event::none;
}

void LineEditor::press_alt(char letter) {
  switch (letter) {
    case 'b': line_.move_word_left(); break;
    case 'f': line_.move_word_right(); break;
    case 'd': line_.kill_word_right(); break;
    case kDelete: line_.kill_word_left(); break;
    default: break;
  }
}

// Only its text counts: what is a key elsewhere stood in the text that was copied.
void LineEditor::press_in_paste(const Keystroke& stroke) {
  if (stroke.key == Key::paste_ends) in_paste_ = false;
  if (stroke.key == Key::text) line_.insert(stroke.text);
  if (stroke.key == Key::tab) line_.insert(" ");
}

void LineEditor::recall(std::optional<std::string> line) {
  if (line) line_.set(*std::move(line));
}

bool LineEditor::search(const Keystroke& stroke) {
  if (stroke.key == Key::text) {
    if (search_->text.size() + stroke.text.size() > kLongestSought) return true;
    search_->text += stroke.text;
    look_for(search_->fails ? search_->found : search_->found + 1);
    return true;
  }
  if (stroke.key == Key::backspace) {
    search_->text.resize(search_->text.size() - last_character(search_->text));
    look_for(history_.size());
    return true;
  }
  if (stroke.is_control('r')) {
    look_for(search_->found);
    return true;
  }
  const auto draft = std::exchange(search_, std::nullopt)->draft;
  if (stroke.is_control('g')) {
    line_.set(draft);
    history_.leave();
  }
  return stroke.is_control('g');
}

void LineEditor::look_for(std::size_t before) {
  if (search_->text.empty()) return;
  const auto found = history_.find(search_->text, before);
  search_->fails = !found;
  if (!found) return;
  search_->found = *found;
  line_.set(history_.line(*found));
}

void LineEditor::clear() {
  line_.set({});
  history_.leave();
  search_.reset();
}

// What is asked takes half of a line at most: of a longer search the end is shown.
std::string LineEditor::prompt() const {
  if (!search_) return prompt_;
  return fmt::format("({} \"{}\") ", search_->fails ? "not found:" : "search",
                     end_within(search_->text, columns_ / 2 - std::min(columns_ / 2, 8U)));
}

// The last column stays free: a terminal that has been written to its very end may have wrapped already.
std::string LineEditor::draw() const {
  if (is_hidden_) return fmt::format("\r{}\x1b[K", prompt_);
  const auto asked = prompt();
  const auto prompt_width = width_of(asked);
  const std::size_t room = columns_ > prompt_width + 1 ? columns_ - prompt_width - 1 : 1;
  const auto before = end_within(before_cursor(), room - 1);
  const auto at = width_of(before);
  const auto after = fitting(line_.after_cursor(), room - at);
  const auto column = prompt_width + at;
  auto text = fmt::format("\r{}{}{}\x1b[K\r", asked, before, after);
  if (column > 0) text += fmt::format("\x1b[{}C", column);
  return text;
}

}  // namespace bastion::admin
