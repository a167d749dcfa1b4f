#include "bastion/admin/gathered_activities.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bastion::admin {

void GatheredActivities::ask(loop::Loop& asker, Runtime& own, loop::Executor& questions, Elsewhere elsewhere) {
  others_.emplace(
      asker, questions,
      [this, elsewhere = std::move(elsewhere)]() -> loop::Work::Then {
        return [this, found = elsewhere()]() mutable {
          elsewhere_ = std::move(found);
          tell_when_whole();
        };
      },
      [this](const Error& why) {
        elsewhere_ = Activities{.parts = {}, .missing = "the others could not be asked: " + why.text};
        tell_when_whole();
      });
  own_ = own.ask_activities(asker, [this](Activities found) {
    here_ = std::move(found);
    tell_when_whole();
  });
}

// May destroy this.
void GatheredActivities::tell_when_whole() {
  if (!here_ || !elsewhere_) return;
  auto all = *std::move(here_);
  std::ranges::move(elsewhere_->parts, std::back_inserter(all.parts));
  if (!elsewhere_->missing.empty()) {
    all.missing = all.missing.empty() ? elsewhere_->missing : all.missing + "; " + elsewhere_->missing;
  }
  const auto on_activities = std::move(on_activities_);
  on_activities(std::move(all));
}

}  // namespace bastion::admin
