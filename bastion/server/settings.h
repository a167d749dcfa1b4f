// What the parts of the server are told of the configuration.
#pragma once

#include <vector>

#include "bastion/config/config.h"
#include "bastion/config/settings.h"
#include "bastion/record/library.h"
#include "bastion/server/server_id.h"
#include "bastion/server/strangers.h"
#include "bastion/server/user_caps.h"
#include "bastion/server/worker.h"
#include "store/retention.h"

namespace bastion::server {

[[nodiscard]] store::Retention retention(const config::Config& config);
[[nodiscard]] Worker::Settings worker_settings(const config::Config& config, const ServerId& server);
[[nodiscard]] Strangers::Settings strangers_settings(const config::Config& config, const ServerId& server);
// One line of the log for each text that users are to read and cannot.
void complain_of_texts(const config::Config& config);
// A line for each change, whichever of both levels lets it through. What needs a restart is said at every reload until
// there is one, because it does not count yet. `config` is what counts, and its level does afterwards.
void log_changes(const std::vector<config::Change>& changes, const config::Config& config, const config::Config& read);
[[nodiscard]] record::Keep kept_recordings(const config::Config& config);
[[nodiscard]] UserCaps::Limits caps_per_user(const config::Config& config);

}  // namespace bastion::server
