// `top` at a terminal over SSH: asks what happens once a second, draws what differs, and has sessions ended. A terminal
// that takes its time is shown fewer screens, and never an old one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bastion/admin/command_executor.h"
#include "bastion/admin/top_look.h"
#include "bastion/admin/top_screen.h"
#include "bastion/loop/timer.h"

namespace bastion::admin {

class Top {
 public:
  static constexpr std::chrono::seconds kEvery{1};

  // Who looks at it.
  struct Viewer {
    std::function<void(std::string_view)> write;
    std::function<bool()> has_room;  // while there is none, nothing is drawn
    // It does not go on, and this is why. Not from inside of any call to it.
    std::function<void(const Outcome&)> on_over;
  };

  // `executor` outlives it, and runs nothing else meanwhile.
  Top(loop::Loop& loop, CommandExecutor& executor, TopLook look, ScreenSize screen, Viewer viewer);
  Top(const Top&) = delete;
  Top& operator=(const Top&) = delete;

  void start();
  // False when it was left: what is behind that key stays in `keys`. What runs is to be forgotten then. While a session
  // is being ended, it is over when that is done, or when it is left once more.
  [[nodiscard]] bool type(std::string_view& keys);
  void resize(ScreenSize screen);
  void on_room() { draw(); }

  // Who leaves meanwhile is told.
  static constexpr std::string_view kStillEnds = "the session is being ended; once more leaves without waiting";
  // Words that are a screen, at a terminal that is none.
  static constexpr std::string_view kNoScreen = "this terminal cannot show a screen: `top --json` says the same once\n";

 private:
  void ask();
  void kill();
  void draw();

  CommandExecutor& executor_;
  TopScreen screen_;
  Viewer viewer_;
  bool again_ = false;
  bool kills_ = false;
  bool leaves_ = false;  // when that is done
  std::shared_ptr<const Activities> before_ = std::make_shared<const Activities>();
  loop::Timer next_;
};

}  // namespace bastion::admin
