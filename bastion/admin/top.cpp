#include "bastion/admin/top.h"

#include <utility>

namespace bastion::admin {

Top::Top(loop::Loop& loop, CommandExecutor& executor, TopLook look, ScreenSize screen, Viewer viewer)
    : executor_(executor), screen_(look, screen), viewer_(std::move(viewer)), next_(loop, [this] { ask(); }) {}

void Top::start() {
  viewer_.write(ScreenDifferences::enter());
  draw();
  ask();
}

void Top::ask() {
  if (kills_ || executor_.busy() || screen_.is_paused()) return;
  if (!viewer_.has_room()) return next_.start(kEvery);
  executor_.run({.words = {"top", "--json"}, .again = std::exchange(again_, true), .before = before_},
                [this](const Outcome& outcome) {
                  if (outcome.status != Status::done) return viewer_.on_over(outcome);
                  before_ = outcome.activities;
                  if (outcome.overview) screen_.show(outcome.overview);
                  next_.start(kEvery);
                  draw();
                });
}

bool Top::type(std::string_view& keys) {
  const bool was_paused = screen_.is_paused();
  // Behind a wish there may be more of them.
  do {
    const auto wish = screen_.type(keys);
    if (wish == TopScreen::Wish::kill) kill();
    if (wish != TopScreen::Wish::leave) continue;
    if (!kills_ || std::exchange(leaves_, true)) return false;
    screen_.say(kStillEnds);
  } while (!keys.empty());
  if (was_paused && !screen_.is_paused()) {
    next_.stop();
    ask();
  }
  draw();
  return true;
}

// By the command for it, which says whether this administrator may, and is in the audit.
void Top::kill() {
  if (std::exchange(kills_, true)) return screen_.say("the other session is being ended still");
  next_.stop();
  executor_.forget();
  executor_.run({.words = {"session", "kill", screen_.victim()}}, [this](const Outcome& outcome) {
    kills_ = false;
    if (leaves_) return viewer_.on_over(outcome);
    screen_.say(outcome.out + outcome.err);
    ask();
    draw();
  });
}

void Top::resize(ScreenSize screen) {
  screen_.resize(screen);
  draw();
}

void Top::draw() {
  if (viewer_.has_room()) viewer_.write(screen_.draw());
}

}  // namespace bastion::admin
