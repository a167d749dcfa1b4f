// Keys, sizes and overviews in any order: the screen of `top` shows text and nothing else, and nobody ends a session
// who has not been asked.
#include "bastion/admin/top_screen.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "bastion/base/bytes.h"
#include "tests/fuzz/drawn_screen.h"
#include "tests/fuzz/script.h"

namespace bastion::admin {
namespace {

using fuzz::require;
using fuzz::Step;

// Its names are the bytes that there are.
std::shared_ptr<const Overview> overview_of_step(const Step& step) {
  const std::string text(text_of(step.details));
  auto view = std::make_shared<Overview>();
  view->at = static_cast<std::int64_t>(step.number(0)) * 1'000'000;
  view->bastion = view->version = view->missing = text;
  view->bastions = step.number(1) % 3;
  for (std::size_t i = 0; i < step.number(2); ++i) {
    auto& session = view->sessions.emplace_back();
    session.live.id = i % 2 == 0 ? std::to_string(i) : text.substr(std::min(text.size(), i));
    session.live.user = session.live.container = session.live.from_host = session.live.node = text;
    session.live.route.assign(i % 4, text);
    session.rate_from_user = static_cast<double>(step.number(i)) * 1e17;
  }
  for (std::size_t i = 0; i < step.number(3) % 8; ++i) {
    view->backends.push_back({.name = text, .via = {}, .state = static_cast<upstream::BackendView::State>(i % 4)});
    view->refusals.push_back(
        {{.at = view->at, .from = text, .user = text, .reason = text, .sentence = text, .id = {}}, text});
    view->loops.push_back({text, {.name = text}});
    view->strangers.emplace_back(text, i);
  }
  view->rate_from_users = static_cast<double>(step.number(4)) * 1e6;
  return view;
}

// What the terminal sends, as one piece. Whoever ends a session has seen the question before it.
void press(TopScreen& screen, std::string_view keys) {
  const auto before = screen.rows();
  const bool asked = before.back().contains("(y/n)");
  const auto wish = screen.type(keys);
  require(wish != TopScreen::Wish::kill || asked, "a yes answers a question that was on the screen");
  require(wish != TopScreen::Wish::nothing || keys.empty(), "all keys were taken");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Script script(Bytes{data, size});
  ScreenSize screen_size{.columns = 80, .rows = 24};
  TopScreen screen({.coloured = size % 2 == 0, .glyphs = size % 3 == 0 ? Glyphs::ascii : Glyphs::unicode}, screen_size);
  fuzz::DrawnScreen terminal;
  for (int steps = 0; steps < 32; ++steps) {
    const auto step = script.next();
    if (!step) break;
    switch (step->what % 4) {
      case 0: press(screen, text_of(step->details)); break;
      case 1:
        screen_size = {.columns = static_cast<std::uint32_t>(step->number(0) + 1),
                       .rows = static_cast<std::uint32_t>(step->number(1) % 100 + 1)};
        screen.resize(screen_size);
        break;
      case 2: screen.show(overview_of_step(*step)); break;
      default: screen.say(text_of(step->details)); break;
    }
    terminal.draw(screen, screen_size);
  }
  return 0;
}

}  // namespace bastion::admin
