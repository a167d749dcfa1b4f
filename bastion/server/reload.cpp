#include "bastion/server/reload.h"

#include <memory>
#include <utility>

namespace bastion::server {

Reload::Reload(loop::Loop& loop, loop::Executor& files, config::Source source, Steps steps,
               std::chrono::milliseconds pause)
    : loop_(loop),
      files_(files),
      source_(std::move(source)),
      steps_(std::move(steps)),
      pause_(pause),
      next_(loop, [this] {
        busy_ = false;
        if (std::exchange(asked_again_, false)) begin();
      }) {}

void Reload::ask() {
  if (busy_) {
    asked_again_ = true;
  } else {
    begin();
  }
}

void Reload::begin() {
  busy_ = true;
  steps_.begins();
  reading_.emplace(
      loop_, files_,
      [this, source = source_]() -> loop::Work::Then {
        return [this, read = config::load(source)]() mutable { end(std::move(read)); };
      },
      [this](const Error& why) { end(std::unexpected(why)); });
}

void Reload::end(Result<config::Config> read) {
  next_.start(pause_);
  steps_.ends(std::move(read));
}

}  // namespace bastion::server
