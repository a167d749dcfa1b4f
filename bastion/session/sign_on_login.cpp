#include "bastion/session/sign_on_login.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "bastion/access/lookup.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/session/sign_on_text.h"

namespace bastion::session {

SignOnLogin::SignOnLogin(Place place, const access::Target& target, const std::optional<access::Identity>& so_far,
                         auth::Attempt& attempt)
    : place_(std::move(place)), target_(target), so_far_(so_far), attempt_(attempt) {}

Task<SignOnLogin::Outcome> SignOnLogin::run() {
  const auto person = co_await whoever_signs_on();
  outcome_.answered_at = loop::Loop::instant();
  if (!person) co_return std::move(outcome_);
  const auto sign_on = co_await noted(*person);
  if (sign_on) settle(*sign_on);
  co_return std::move(outcome_);
}

Task<std::optional<oidc::SignedOn>> SignOnLogin::whoever_signs_on() {
  if (place_.sign_ons == nullptr) {
    fail_because("the bastion knows no issuer (oidc in bastion.toml); tell your administrator");
    co_return std::nullopt;
  }
  const SignOns::Asker asker{
      .account = target_.user, .from_host = place_.arrival.from_host, .has_shown_key = so_far_.has_value()};
  const auto begun = place_.sign_ons->begin(place_.loop, asker);
  if (!begun) {
    fail_because(begun.error().text);
    co_return std::nullopt;
  }
  const auto shown = co_await (*begun)->shown();
  if (!shown) {
    fail_because(shown.error().text);
    co_return std::nullopt;
  }
  place_.on_shown(std::min(shown->good_for, kMost));
  if (place_.sign_ons->shows_qr_codes()) {
    const auto drawn = qr_code_for(*shown, place_.client_version);
    if (!drawn.empty()) attempt_.say(drawn);
  }
  auto questions = questions_for(*shown);
  const auto reply = co_await attempt_.ask(std::move(questions));
  outcome_.is_abandoned = !reply && reply.error() == transport::Unanswered::abandoned;
  if (!reply) co_return std::nullopt;
  (*begun)->go_on();
  auto person = co_await (*begun)->outcome();
  if (!person) {
    fail_because(person.error().text);
    co_return std::nullopt;
  }
  co_return *std::move(person);
}

Task<std::optional<access::SignOnCredential>> SignOnLogin::noted(const oidc::SignedOn& person) {
  const auto issuer = place_.sign_ons->issuer();
  if (!place_.lookup.is_same_account(person.name, target_.user)) {
    fail_because(is_another(issuer, person.name, target_.user));
    co_return std::nullopt;
  }
  SignOns::Done done{.account = so_far_ ? so_far_->name : place_.lookup.account_of(person.name),
                     .keys = so_far_ ? access::keys_shown_by(*so_far_) : std::vector<std::string>{},
                     .person = person,
                     .from_host = place_.arrival.from_host,
                     .session = place_.arrival.id};
  const auto sign_on = co_await place_.sign_ons->note(place_.loop, std::move(done));
  if (!sign_on) {
    outcome_.undecided = End{Reason::database_unreadable, {}, sign_on.error().text};
    co_return std::nullopt;
  }
  if (!*sign_on) fail_because(has_no_account(issuer, person.name));
  co_return *sign_on;
}

void SignOnLogin::settle(const access::SignOnCredential& sign_on) {
  auto identity = place_.lookup.signed_on(so_far_, target_.user, sign_on, place_.arrival.from_host);
  if (!identity) return;
  if (access::suffices(*identity)) {
    // Whatever has become of them meanwhile.
    auto now = place_.lookup.standing(*identity, place_.arrival.from_host);
    if (!now) return;
    identity = *std::move(now);
  }
  attempt_.typed_rightly();
  outcome_.identity = *std::move(identity);
}

void SignOnLogin::fail_because(std::string_view why) {
  log::warning("a sign-on fails id={} from={} user={:?} why={:?}", place_.arrival.id, place_.arrival.from_host,
               attempt_.user(), why);
  attempt_.say(sign_on_failed(why));
}

}  // namespace bastion::session
