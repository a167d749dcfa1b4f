#include "bastion/session/password_login.h"

#include <utility>

#include "bastion/auth/password.h"
#include "bastion/auth/password_hash.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"

namespace bastion::session {
namespace {

// Why what was typed is not to be the new one.
std::optional<Error> objection(const std::string& next, const std::string& before) {
  if (next == before) return Error{"the new password is the old one"};
  return auth::objection_to_password(next);
}

std::string sentence_with(const Error& objection) {
  auto text = objection.text;
  text.front() =
      static_cast<char>(text.front() >= 'a' && text.front() <= 'z' ? text.front() - 'a' + 'A' : text.front());
  return text + ": choose another one.";
}

}  // namespace

PasswordLogin::PasswordLogin(const Place& place, const std::optional<access::Target>& target,
                             const std::optional<access::Identity>& so_far, auth::Attempt& attempt)
    : place_(place), target_(target), so_far_(so_far), attempt_(attempt) {}

Task<PasswordLogin::Outcome> PasswordLogin::run() {
  const auto text = co_await typed();
  if (!text) co_return std::move(outcome_);
  const bool right = co_await is_right(*text);
  if (!right) co_return std::move(outcome_);
  const auto* const claim = attempt_.password();
  if (found_->password.must_change) {
    const bool changed = co_await is_changed(*text);
    if (!changed) co_return std::move(outcome_);
  } else if (claim != nullptr && claim->next) {
    co_return std::move(outcome_);  // nobody has asked for it
  }
  settle();
  co_return std::move(outcome_);
}

Task<std::optional<std::string>> PasswordLogin::typed() {
  if (const auto* const claim = attempt_.password()) co_return claim->password;
  transport::Questions questions;
  questions.prompts.push_back({.text = std::string(auth::kPasswordPrompt)});
  auto answers = co_await ask(std::move(questions));
  if (!answers || !auth::can_be_password(answers->front())) co_return std::nullopt;
  co_return std::move(answers->front());
}

// How long they think about an answer is no time of ours.
Task<std::optional<transport::Answers>> PasswordLogin::ask(transport::Questions questions) {
  auto reply = co_await attempt_.ask(std::move(questions));
  outcome_.answered_at = loop::Loop::instant();
  outcome_.is_abandoned = !reply && reply.error() == transport::Unanswered::abandoned;
  if (!reply) co_return std::nullopt;
  co_return *std::move(reply);
}

// Of nobody, of who is not let in, and of who has none: the same work in the same queue.
Task<bool> PasswordLogin::is_right(const std::string& text) {
  if (target_) {
    auto found = place_.lookup.with_password(target_->user, so_far_, place_.arrival.from_host);
    if (!found) {
      outcome_.undecided = End{Reason::database_unreadable, {}, found.error().text};
      co_return false;
    }
    found_ = *std::move(found);
  }
  const bool counts = found_ && access::brings_further(so_far_, found_->identity);
  PasswordChecks::Typed typed{.hash = counts ? found_->password.hash : auth::nobodys_hash(),
                              .text = text,
                              .from_host = place_.arrival.from_host};
  const auto verdict = co_await place_.checks.is_right(place_.loop, std::move(typed));
  if (!verdict) outcome_.undecided = End{Reason::passwords_busy, {}, verdict.error().text};
  co_return counts&& verdict && *verdict;
}

Task<bool> PasswordLogin::is_changed(const std::string& before) {
  auto changing = attempt_.password() != nullptr ? is_changed_by_request(before) : is_changed_by_answers(before);
  const bool changed = co_await changing;
  co_return changed;
}

Task<bool> PasswordLogin::is_changed_by_request(const std::string& before) {
  const auto& next = attempt_.password()->next;
  const auto why = next ? objection(*next, before) : std::nullopt;
  if (next && !why) {
    const bool stored = co_await store(*next);
    co_return stored;
  }
  outcome_.is_answered = true;
  attempt_.ask_for_change(why ? sentence_with(*why) : std::string(auth::kMustChange));
  co_return false;
}

Task<bool> PasswordLogin::is_changed_by_answers(const std::string& before) {
  std::string instruction(auth::kMustChange);
  for (int tries = 0; tries < kMostTries; ++tries) {
    transport::Questions questions;
    questions.instruction = instruction;
    questions.prompts.push_back({.text = std::string(auth::kNewPasswordPrompt)});
    questions.prompts.push_back({.text = std::string(auth::kNewPasswordAgainPrompt)});
    const auto answers = co_await ask(std::move(questions));
    if (!answers) co_return false;
    const auto& next = answers->front();
    const auto why = next == answers->back() ? objection(next, before) : Error{"the two differ"};
    if (!why) {
      const bool stored = co_await store(next);
      co_return stored;
    }
    instruction = sentence_with(*why);
  }
  co_return false;
}

Task<bool> PasswordLogin::store(const std::string& next) {
  PasswordChecks::Change change{.user = found_->identity.user,
                                .name = found_->identity.name,
                                .before = found_->password.id,
                                .text = next,
                                .from_host = place_.arrival.from_host,
                                .session = place_.arrival.id};
  const auto row = co_await place_.checks.change(place_.loop, std::move(change));
  if (!row) {
    log::error("a password cannot be changed: user={} detail={:?}", found_->identity.name, row.error().text);
    attempt_.say(
        "Your new password could not be written down, and the old one still counts: try again in a moment.\r\n");
    outcome_.undecided = End{Reason::password_not_stored, {}, row.error().text};
    co_return false;
  }
  found_->identity.credential = access::PasswordCredential{.password = *row};
  co_return true;
}

void PasswordLogin::settle() {
  auto& identity = found_->identity;
  auto all = so_far_ ? access::together(*so_far_, std::move(identity)) : std::move(identity);
  if (access::suffices(all)) {
    // Whatever has become of them meanwhile.
    auto now = place_.lookup.standing(all, place_.arrival.from_host);
    if (!now) return;
    all = *std::move(now);
  }
  attempt_.typed_rightly();
  outcome_.identity = std::move(all);
}

}  // namespace bastion::session
