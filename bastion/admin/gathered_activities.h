// What happens here and elsewhere, as one answer.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "bastion/admin/grammar/runtime.h"
#include "bastion/loop/work.h"

namespace bastion::admin {

// Belongs to the asker's thread, as what comes back to it does.
class GatheredActivities final : public Runtime::Question {
 public:
  // Asks others, and waits for them: on another thread.
  using Elsewhere = std::function<Activities()>;

  explicit GatheredActivities(Runtime::OnActivities on_activities) : on_activities_(std::move(on_activities)) {}

  // `questions` runs what asks the others. What `own` says comes first.
  void ask(loop::Loop& asker, Runtime& own, loop::Executor& questions, Elsewhere elsewhere);

 private:
  void tell_when_whole();

  Runtime::OnActivities on_activities_;
  std::optional<Activities> here_;
  std::optional<Activities> elsewhere_;
  std::unique_ptr<Runtime::Question> own_;
  std::optional<loop::Work> others_;
};

}  // namespace bastion::admin
