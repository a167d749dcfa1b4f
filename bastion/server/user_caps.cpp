#include "bastion/server/user_caps.h"

#include <utility>

namespace bastion::server {
namespace {

void pass(std::deque<UserCaps::Time>& times, UserCaps::Time now) {
  while (!times.empty() && times.front() <= now - UserCaps::kWindow) times.pop_front();
}

// 0: as many as they like.
std::size_t cap(const std::optional<std::int64_t>& own, std::int64_t of_everybody) {
  return static_cast<std::size_t>(own.value_or(of_everybody));
}

}  // namespace

void UserCaps::limit(const Limits& limits) {
  const std::scoped_lock lock(mutex_);
  limits_ = limits;
}

void UserCaps::count_elsewhere(std::map<std::string, std::size_t> sessions) {
  const std::scoped_lock lock(mutex_);
  elsewhere_ = std::move(sessions);
}

std::size_t UserCaps::sessions() const {
  const std::scoped_lock lock(mutex_);
  return sessions_;
}

std::optional<End> UserCaps::begin(std::int64_t user, const store::Caps& own, const std::string& session, Time now,
                                   const std::string& name) {
  const std::scoped_lock lock(mutex_);
  forget(now);
  auto& use = uses_[user];
  pass(use.logins, now);
  use.own = own;
  const auto sessions = cap(own.sessions, limits_.sessions);
  const auto logins = cap(own.logins, limits_.logins);
  const auto elsewhere = elsewhere_.find(name);
  const auto count = use.sessions.size() + (elsewhere == elsewhere_.end() ? 0 : elsewhere->second);
  if (sessions > 0 && count >= sessions) {
    return End{Reason::too_many_sessions, std::to_string(sessions), {}};
  }
  if (logins > 0 && use.logins.size() >= logins) return End{Reason::too_many_logins, std::to_string(logins), {}};
  if (use.sessions.insert(session).second) ++sessions_;
  if (logins > 0) use.logins.push_back(now);
  return std::nullopt;
}

bool UserCaps::rekey(std::int64_t user, Time now) {
  const std::scoped_lock lock(mutex_);
  const auto found = uses_.find(user);
  if (found == uses_.end()) return true;
  auto& rekeys = found->second.rekeys;
  const auto most = cap(found->second.own.rekeys, limits_.rekeys);
  if (most == 0) return true;
  pass(rekeys, now);
  if (rekeys.size() >= most) return false;
  rekeys.push_back(now);
  return true;
}

std::shared_ptr<loop::Allowance> UserCaps::allowance(std::int64_t user) {
  const std::scoped_lock lock(mutex_);
  const auto found = uses_.find(user);
  if (found == uses_.end()) return nullptr;
  const auto rate = found->second.own.bytes.value_or(limits_.bytes);
  if (rate == 0) return nullptr;
  auto& allowance = found->second.allowance;
  if (!allowance || allowance->rate() != rate) allowance = std::make_shared<loop::Allowance>(rate);
  return allowance;
}

void UserCaps::on_end(const session::Arrival& arrival, const End& /*end*/, const Ended& what) {
  if (what.identity == nullptr) return;
  const std::scoped_lock lock(mutex_);
  const auto found = uses_.find(what.identity->user);
  if (found == uses_.end()) return;
  sessions_ -= found->second.sessions.erase(arrival.id);
  const auto& use = found->second;
  if (use.sessions.empty() && use.logins.empty() && use.rekeys.empty() && !use.allowance) uses_.erase(found);
}

void UserCaps::forget(Time now) {
  if (now - forgotten_ < kWindow) return;
  forgotten_ = now;
  const auto is_over = [&](const std::deque<Time>& times) { return times.empty() || times.back() <= now - kWindow; };
  std::erase_if(uses_, [&](const auto& one) {
    const auto& use = one.second;
    return use.sessions.empty() && is_over(use.logins) && is_over(use.rekeys) &&
           (!use.allowance || use.allowance->paid_at() <= now);
  });
}

}  // namespace bastion::server
