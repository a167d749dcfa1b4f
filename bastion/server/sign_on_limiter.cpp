#include "bastion/server/sign_on_limiter.h"

#include <algorithm>

namespace bastion::server {

std::size_t SignOnLimiter::Begun::count(std::string_view who) const {
  return static_cast<std::size_t>(std::ranges::count(all, who, &One::who));
}

void SignOnLimiter::Begun::pass(Time now) {
  while (!all.empty() && all.front().at + kWindow <= now) all.pop_front();
}

Result<> SignOnLimiter::begin_with_key(std::string_view account, Time now) {
  const std::scoped_lock lock(mutex_);
  with_key_.pass(now);
  if (with_key_.count(account) >= kMostOfAccount) {
    return fail("your account has begun to sign on {} times within a minute; try again in a moment", kMostOfAccount);
  }
  if (with_key_.all.size() >= kMostOfAccounts)
    return fail("too many users sign on at the moment; try again in a moment");
  with_key_.all.push_back({.who = std::string(account), .at = now});
  return {};
}

Result<> SignOnLimiter::begin(std::string_view source, Time now) {
  const std::scoped_lock lock(mutex_);
  without_.pass(now);
  if (without_.count(source) >= kMostOfSource) {
    return fail("your address has begun to sign on {} times within a minute; try again in a moment", kMostOfSource);
  }
  if (without_.all.size() >= kMostOfSources) {
    return fail("too many begin to sign on at the moment who have shown no key; try again in a moment");
  }
  without_.all.push_back({.who = std::string(source), .at = now});
  return {};
}

}  // namespace bastion::server
