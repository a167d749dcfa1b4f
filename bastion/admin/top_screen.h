// The screen of `top`: keys and overviews in, text for the terminal out. Pure.
//
// Arrows, j and k, PageUp, PageDown, Home and End move the mark, Tab goes to the next pane; s sorts otherwise, /
// filters by a text, K (or x) ends the session that is marked, behind a question; p pauses, h helps, q and Ctrl-C
// leave. Of pasted text only a filter is made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/pager.h"
#include "bastion/admin/screen_differences.h"
#include "bastion/admin/top_panes.h"
#include "bastion/base/key_decoder.h"

namespace bastion::admin {

class TopScreen {
 public:
  // How it may look, by what is known of the terminal.
  struct Look {
    bool coloured = false;
    Glyphs glyphs = Glyphs::unicode;
  };
  // More than terminals have is not drawn.
  static constexpr ScreenSize kLargest{.columns = 400, .rows = 200};
  // So much of the throughput is kept, a number for each overview.
  static constexpr std::size_t kHistory = 200;

  // What a key has asked for.
  enum class Wish : std::uint8_t { nothing, leave, kill };

  TopScreen(Look look, ScreenSize screen);

  void resize(ScreenSize screen);
  // What stands on it from now on; while it is paused, it is dropped.
  void show(std::shared_ptr<const Overview> overview);
  // What was said about something that was asked for, until the next key.
  void say(std::string_view sentence);
  // The keys up to the first wish; what is behind that stays in `keys`.
  [[nodiscard]] Wish type(std::string_view& keys);
  // The session to be ended: valid after the wish for that.
  [[nodiscard]] const std::string& victim() const { return victim_; }
  [[nodiscard]] bool is_paused() const { return paused_; }

  // The screen as it should be: a text for each row, with sequences that shade it, no wider than the screen.
  [[nodiscard]] std::vector<std::string> rows() const;
  // What brings the terminal there from where the last drawing has left it.
  [[nodiscard]] std::string draw() { return differences_.draw(rows(), screen_); }

  // By the locale that a client tells, LC_ALL before LC_CTYPE before LANG, and by the name of its terminal.
  [[nodiscard]] static Glyphs glyphs_for(std::string_view locale, std::string_view terminal);

 private:
  // A pane, with as much of it as there is room for.
  struct Place {
    TopPane pane = TopPane::sessions;
    std::size_t room = 0;  // rows of its table, without the titles
  };

  [[nodiscard]] Wish press(const Keystroke& stroke);
  [[nodiscard]] Wish press_letter(std::string_view text);
  void press_in_filter(const Keystroke& stroke);
  [[nodiscard]] Wish answer(const Keystroke& stroke);
  void ask_to_kill();
  // What is shown of the overview is another part of it, or in another order.
  void arrange();
  void move(std::ptrdiff_t by);
  void move_to_row(std::size_t row);
  [[nodiscard]] std::size_t count(TopPane pane) const;
  [[nodiscard]] std::size_t marked_row() const;
  [[nodiscard]] std::vector<Place> places() const;
  [[nodiscard]] std::size_t room_of(TopPane pane) const;
  [[nodiscard]] std::string heading() const;
  [[nodiscard]] std::string throughput() const;
  [[nodiscard]] std::string status() const;
  [[nodiscard]] std::vector<std::string> help() const;
  void add_pane(std::vector<std::string>& rows, Place place) const;
  [[nodiscard]] std::string shade(const std::string& text, Shade how) const {
    return shaded(text, how, look_.coloured);
  }
  [[nodiscard]] std::string cut(std::string_view text) const {
    return line_within(text, screen_.columns, look_.glyphs);
  }

  Look look_;
  ScreenSize screen_;
  std::shared_ptr<const Overview> overview_;
  std::vector<const Overview::Session*> sessions_;  // of it, as they are sorted and filtered
  std::vector<const Overview::Backend*> backends_;
  std::vector<const Overview::Refusal*> refusals_;
  std::deque<double> from_users_;  // bytes a second, the latest last
  std::deque<double> from_containers_;
  TopPane pane_ = TopPane::sessions;
  TopSort sort_ = TopSort::rate;
  std::string marked_session_;  // its id: it stays marked wherever it is sorted
  std::size_t row_ = 0;         // that is marked, of the pane
  std::string filter_;
  bool types_filter_ = false;
  bool asks_ = false;  // whether to end the victim
  std::string victim_;
  std::string victims_user_;
  std::string said_;
  bool paused_ = false;
  bool helps_ = false;
  bool in_paste_ = false;
  KeyDecoder keys_;
  ScreenDifferences differences_;
};

}  // namespace bastion::admin
