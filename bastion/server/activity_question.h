// What happens in this process, asked of all its workers and of its monitor. Who does not answer within a second is
// left out, and named: one loop that stands still does not keep others from being seen.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bastion/admin/grammar/runtime.h"
#include "bastion/loop/timer.h"
#include "bastion/metrics/counters.h"
#include "bastion/monitor/monitor.h"
#include "bastion/session/recent_refusals.h"

namespace bastion::server {

class Worker;

// What is known of a process as a whole. All of it outlives the workers.
struct ProcessView {
  std::string bastion;
  std::string process;
  std::int64_t began = 0;  // Unix seconds
  const metrics::Counters& counters;
  const session::RecentRefusals& refusals;
  const std::unique_ptr<monitor::Monitor>& monitor;
};

// Belongs to the thread of whoever asks, on whose loop the answer comes.
class ActivityQuestion final : public admin::Runtime::Question {
 public:
  ActivityQuestion(loop::Loop& asker, const std::vector<Worker*>& workers, const ProcessView& process,
                   admin::Runtime::OnActivities on_activities);
  ~ActivityQuestion() override;
  ActivityQuestion(const ActivityQuestion&) = delete;
  ActivityQuestion& operator=(const ActivityQuestion&) = delete;

 private:
  struct State;

  std::shared_ptr<State> state_;  // with the answers, which may come when whoever asked is gone
  loop::Timer within_;
};

}  // namespace bastion::server
