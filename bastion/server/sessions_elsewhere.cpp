#include "bastion/server/sessions_elsewhere.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace bastion::server {
namespace {

constexpr std::chrono::milliseconds kEvery{2000};

}  // namespace

void SessionsElsewhere::begin_anew() {
  due_.stop();
  question_.reset();
  if (!everywhere_.has_peers()) return caps_.count_elsewhere({});
  if (!has_ended_) count();
}

void SessionsElsewhere::end() {
  has_ended_ = true;
  due_.stop();
  question_.reset();
}

// For as long as there are others. Who has just left there counts until it is asked again.
void SessionsElsewhere::count() {
  question_ = everywhere_.ask_others(loop_, [this](const std::vector<session::LiveSession>& sessions) {
    std::map<std::string, std::size_t> counts;
    for (const auto& session : sessions) ++counts[session.user];
    caps_.count_elsewhere(std::move(counts));
    loop_.defer_delete(std::exchange(question_, nullptr));
    due_.start(kEvery);
  });
}

}  // namespace bastion::server
