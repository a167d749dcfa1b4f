#include "bastion/session/recent_refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "bastion/base/log_value.h"
#include "bastion/base/printable.h"

namespace bastion::session {
namespace {

constexpr std::size_t kLongestSentence = 256;

// Of reasons of which a stranger is told nothing.
std::string_view said_of_strangers(Reason reason, const auth::Tried& tried) {
  switch (reason) {
    case Reason::client_vanished:
      return tried.attempts() == 0 ? "has left without being let in" : "was denied and has left";
    case Reason::client_broke_protocol: return "does not keep to the protocol";
    case Reason::too_many_attempts: return "has used up its tries";
    case Reason::login_grace_expired: return "was not let in within login_grace";
    default: return "was not let in";
  }
}

std::string first_key(const auth::Tried& tried) {
  return tried.fingerprints().empty() ? std::string{} : tried.fingerprints().front();
}

std::string keys_shown(const auth::Tried& tried) {
  if (tried.fingerprints().empty()) return {};
  const auto more = tried.fingerprints().size() - 1 + tried.more_fingerprints();
  return fmt::format("; key {}{}", first_key(tried), more == 0 ? "" : fmt::format(" and {} more", more));
}

std::string counted(const auth::Tried& tried) {
  const auto attempts = tried.attempts();
  if (attempts == 0) return "nothing tried";
  return fmt::format("{} attempt{}{}{}", attempts, attempts == 1 ? "" : "s",
                     tried.method().empty() ? "" : ", last by " + log_value(tried.method()), keys_shown(tried));
}

std::string sentence_on_stranger(const End& end, const auth::Tried& tried) {
  const auto statement = statement_of(end);
  const auto what = statement.empty() ? std::string(said_of_strangers(end.reason, tried)) : statement;
  return printable_on_one_line(fmt::format("{} ({})", what, counted(tried)), kLongestSentence);
}

std::string sentence_on(const End& end) { return printable_on_one_line(full_text_of(end), kLongestSentence); }

}  // namespace

// What stands in the table between the login and the container.
bool is_refusal(Reason reason) {
  return reason >= Reason::too_many_sessions && reason <= Reason::bastion_exhausted &&
         reason != Reason::invitation_taken;
}

void RecentRefusals::add(Refusal refusal) {
  const std::scoped_lock lock(mutex_);
  refusals_.push_back(std::move(refusal));
  if (refusals_.size() > kMost) refusals_.pop_front();
}

std::vector<Refusal> RecentRefusals::latest() const {
  const std::scoped_lock lock(mutex_);
  return {refusals_.rbegin(), refusals_.rend()};
}

void RecentRefusals::note(const std::string& from, std::string_view reason, std::string_view sentence) {
  add({.at = now_(),
       .from = from,
       .user = {},
       .reason = std::string(reason),
       .sentence = std::string(sentence),
       .id = {}});
}

void RecentRefusals::on_left_without(const Arrival& arrival, const access::Identity& identity,
                                     const std::string& /*container*/, const End& why) {
  add({.at = now_(),
       .from = arrival.from_host,
       .user = identity.name,
       .reason = std::string(code_of(why.reason)),
       .sentence = sentence_on(why),
       .id = arrival.id});
}

void RecentRefusals::on_refused_admin(const Arrival& arrival, const access::Identity& identity) {
  add({.at = now_(),
       .from = arrival.from_host,
       .user = identity.name,
       .reason = "admin_refused",
       .sentence = "asked for what is for administrators",
       .id = arrival.id});
}

// Whoever has named nobody has not tried to log in: the counters tell of them.
void RecentRefusals::on_end(const Arrival& arrival, const End& end, const Ended& what) {
  if (what.identity != nullptr) {
    if (is_refusal(end.reason)) on_left_without(arrival, *what.identity, what.container, end);
    return;
  }
  if (what.tried == nullptr || what.tried->users().empty()) return;
  add({.at = now_(),
       .from = arrival.from_host,
       .user = log_value(what.tried->users().front()),
       .key = first_key(*what.tried),
       .reason = std::string(code_of(end.reason)),
       .sentence = sentence_on_stranger(end, *what.tried),
       .id = arrival.id});
}

}  // namespace bastion::session
