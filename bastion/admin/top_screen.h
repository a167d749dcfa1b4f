// The screen of `top`: keys and overviews in, text for the terminal out. Pure.
//
// Arrows, j and k, PageUp, PageDown, Home and End move the mark, Tab, Left and Right go to another pane; s sorts
// otherwise, / filters by a text, K (or x) ends the session that is marked, behind a question; p pauses, h helps, q and
// Ctrl-C leave. Escape takes back: a question, a page of help, a filter. Of pasted text only a filter is made.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/pager.h"
#include "bastion/admin/screen_differences.h"
#include "bastion/admin/top_heading.h"
#include "bastion/admin/top_look.h"
#include "bastion/admin/top_panes.h"
#include "bastion/base/key_decoder.h"

namespace bastion::admin {

class TopScreen {
 public:
  // More than terminals have is not drawn; on less nothing can be told apart.
  static constexpr ScreenSize kLargest{.columns = 400, .rows = 200};
  static constexpr ScreenSize kLeast{.columns = 40, .rows = 8};

  // What a key has asked for.
  enum class Wish : std::uint8_t { nothing, leave, kill };

  TopScreen(TopLook look, ScreenSize screen);

  void resize(ScreenSize screen);
  // What stands on it from now on; while it is paused, it is dropped.
  void show(std::shared_ptr<const Overview> overview);
  // What was said about something that was asked for, until the next key.
  void say(std::string_view sentence);
  // The keys up to the first wish; what is behind that stays in `keys`. Of more keys at once than anybody types, only
  // Ctrl-C counts.
  [[nodiscard]] Wish type(std::string_view& keys);
  // The session to be ended: valid after the wish for that.
  [[nodiscard]] const std::string& victim() const { return victim_; }
  [[nodiscard]] bool is_paused() const { return paused_; }

  // The screen as it should be: a text for each row, with sequences that shade it, no wider than the screen.
  [[nodiscard]] std::vector<std::string> rows() const;
  // What brings the terminal there from where the last drawing has left it.
  [[nodiscard]] std::string draw() { return differences_.draw(rows(), screen_); }

 private:
  // A pane, with as much of it as there is room for.
  struct Place {
    TopPane pane = TopPane::sessions;
    std::size_t room = 0;  // rows of its table, without the titles
  };
  // The row of a pane that is marked: it stays so wherever it is sorted. Without a name, whatever stands there.
  struct Mark {
    std::string name;
    std::size_t row = 0;
  };

  [[nodiscard]] Wish press_all(std::string_view& keys);
  [[nodiscard]] Wish press(const Keystroke& stroke);
  [[nodiscard]] Wish press_key(const Keystroke& stroke);
  [[nodiscard]] Wish press_letter(std::string_view text);
  void press_in_filter(const Keystroke& stroke);
  void press_escape();
  [[nodiscard]] Wish answer(const Keystroke& stroke);
  void ask_to_kill();
  // What is shown of the overview is another part of it, or in another order.
  void arrange();
  void arrange_where_stale();
  void go_to_pane(std::size_t places_further);
  void move(std::ptrdiff_t by);
  void move_to_row(std::size_t row);
  [[nodiscard]] bool is_too_small() const { return screen_.columns < kLeast.columns || screen_.rows < kLeast.rows; }
  [[nodiscard]] const Mark& mark(TopPane pane) const { return marks_.at(static_cast<std::size_t>(pane)); }
  [[nodiscard]] std::size_t count(TopPane pane) const;
  // Of that row, where there is one: no other row of the pane has it.
  [[nodiscard]] std::string_view name_of_row(TopPane pane, std::size_t row) const;
  [[nodiscard]] std::size_t marked_row() const;
  [[nodiscard]] std::vector<Place> places() const;
  [[nodiscard]] std::size_t room_of(TopPane pane) const;
  [[nodiscard]] std::vector<std::string> page() const;
  [[nodiscard]] std::string below_panes() const;
  [[nodiscard]] std::string status() const;
  [[nodiscard]] std::string keys_line() const;
  void add_pane(std::vector<std::string>& rows, Place place) const;
  [[nodiscard]] TopTable table_of_rows(TopPane pane, std::size_t first, std::size_t most) const;
  [[nodiscard]] std::string shade(const std::string& text, Shade how) const {
    return shaded(text, how, look_.coloured);
  }
  [[nodiscard]] std::string cut(std::string_view text) const;

  TopLook look_;
  ScreenSize screen_;
  std::shared_ptr<const Overview> overview_;
  std::vector<const Overview::Session*> sessions_;  // of it, as they are sorted and filtered
  std::vector<const Overview::Backend*> backends_;
  std::vector<const Overview::Refusal*> refusals_;
  bool is_stale_ = false;  // what they are sorted and filtered by has changed
  Throughput throughput_;
  TopPane pane_ = TopPane::sessions;
  std::array<Mark, kTopPanes.size()> marks_;
  TopSort sort_ = TopSort::rate;
  std::string filter_;
  bool types_filter_ = false;
  std::string victim_;
  std::string question_;  // whether to end the victim; empty: nothing is asked
  std::string said_;
  bool paused_ = false;
  bool helps_ = false;
  bool in_paste_ = false;
  std::size_t pressed_ = 0;  // of the keys that came last
  KeyDecoder keys_;
  ScreenDifferences differences_;
};

}  // namespace bastion::admin
