// What the monitor is given of the service.
#pragma once

#include <vector>

#include "bastion/metrics/counters.h"
#include "bastion/monitor/beats.h"
#include "bastion/monitor/series.h"
#include "bastion/server/executors.h"
#include "bastion/server/login_threads.h"
#include "store/fleet/follower.h"

namespace bastion::server {

[[nodiscard]] monitor::Sources sources(const metrics::Counters& counters, store::Writer& writer, Executors& executors,
                                       const store::fleet::Follower* follower);

// The main loop, workers and threads for strangers.
[[nodiscard]] std::vector<monitor::Watched> watched(loop::Loop& main, const LoginThreads& logins);

}  // namespace bastion::server
