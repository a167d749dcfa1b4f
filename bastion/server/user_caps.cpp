#include "bastion/server/user_caps.h"

#include <utility>

namespace bastion::server {

void UserCaps::limit(const Limits& limits) {
  const std::scoped_lock lock(mutex_);
  limits_ = limits;
}

void UserCaps::count_elsewhere(std::map<std::string, std::size_t> sessions) {
  const std::scoped_lock lock(mutex_);
  elsewhere_ = std::move(sessions);
}

std::optional<End> UserCaps::begin(std::int64_t user, const std::string& session, Time now, const std::string& name) {
  const std::scoped_lock lock(mutex_);
  forget(now);
  auto& use = uses_[user];
  while (!use.logins.empty() && use.logins.front() <= now - kWindow) use.logins.pop_front();
  const auto elsewhere = elsewhere_.find(name);
  const auto count = use.sessions.size() + (elsewhere == elsewhere_.end() ? 0 : elsewhere->second);
  if (limits_.sessions > 0 && count >= static_cast<std::size_t>(limits_.sessions)) {
    return End{Reason::too_many_sessions, std::to_string(limits_.sessions), {}};
  }
  if (limits_.logins > 0 && use.logins.size() >= static_cast<std::size_t>(limits_.logins)) {
    return End{Reason::too_many_logins, std::to_string(limits_.logins), {}};
  }
  if (use.sessions.insert(session).second) ++sessions_;
  if (limits_.logins > 0) use.logins.push_back(now);
  return std::nullopt;
}

std::size_t UserCaps::sessions() const {
  const std::scoped_lock lock(mutex_);
  return sessions_;
}

void UserCaps::on_end(const session::Arrival& arrival, const End& /*end*/, const Ended& what) {
  if (what.identity == nullptr) return;
  const std::scoped_lock lock(mutex_);
  const auto found = uses_.find(what.identity->user);
  if (found == uses_.end()) return;
  sessions_ -= found->second.sessions.erase(arrival.id);
  if (found->second.sessions.empty() && found->second.logins.empty()) uses_.erase(found);
}

void UserCaps::forget(Time now) {
  if (now - forgotten_ < kWindow) return;
  forgotten_ = now;
  std::erase_if(uses_, [&](const auto& one) {
    return one.second.sessions.empty() && (one.second.logins.empty() || one.second.logins.back() <= now - kWindow);
  });
}

}  // namespace bastion::server
