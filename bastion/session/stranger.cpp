#include "bastion/session/stranger.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/access/invitation.h"
#include "bastion/access/lookup.h"
#include "bastion/auth/denial.h"
#include "bastion/loop/loop.h"
#include "bastion/session/password_login.h"
#include "bastion/session/sign_on_login.h"
#include "bastion/transport/algorithms.h"

namespace bastion::session {
namespace {

// Of one connection, whether they are refused or not. As OpenSSH's auth2.c has it.
constexpr int kMostRequests = 1024;

End give_up(transport::ServerSession& stranger) {
  stranger.disconnect("Too many authentication failures", transport::DisconnectReason::protocol_error);
  return {Reason::too_many_attempts, {}, {}};
}

Reason reason_of(transport::Loss::Kind kind) {
  switch (kind) {
    case transport::Loss::Kind::nothing_in_common:
    case transport::Loss::Kind::broke_protocol: return Reason::client_broke_protocol;
    case transport::Loss::Kind::peer_left:
    case transport::Loss::Kind::stream_ended: break;
  }
  return Reason::client_vanished;
}

}  // namespace

Stranger::Stranger(const Place& place, Arrival arrival, std::unique_ptr<ByteStream> stream)
    : place_(place),
      arrival_(std::move(arrival)),
      user_(std::make_unique<transport::ServerSession>(std::move(stream), place_.profile)),
      grace_(place_.loop, [this] { finish({Reason::login_grace_expired, {}, {}}); }),
      version_grace_(place_.loop, [this] { finish({Reason::no_version_line, {}, {}}); }) {}

Stranger::~Stranger() {
  if (!user_) return;
  user_->report_to(nullptr);
  user_->ask_before_signing({});
}

void Stranger::start() {
  observe(&Observer::on_begin);
  phase_began_ = loop::Loop::instant();
  user_->report_to(this);
  user_->ask_before_signing([this](std::string_view algorithm) { return may_sign(algorithm); });
  grace_.start(place_.settings.login_grace);
  version_grace_.start(place_.settings.version_grace);
  authentication_ = authenticate();
  authentication_.start([this] {
    auto outcome = authentication_.take();
    outcome ? admit(*std::move(outcome)) : finish(std::move(outcome.error()));
  });
}

// Until one is granted, every answer is the same denial, whoever is named in it. A signature is looked at only when the
// key behind it lets somebody in. Attempts are counted as sshd counts them: those that are denied, but for a first
// "none", which asks what there is; and the last one is not answered but told that it was the last.
Task<std::expected<access::Identity, End>> Stranger::authenticate() {
  int denied = 0;
  for (int requests = 0; requests < kMostRequests; ++requests) {
    auth::Attempt attempt(co_await user_->auth_requests().next());
    if (requests == 0) {
      end_phase(Phase::handshake);
      if (place_.settings.banner) user_->say_banner(*place_.settings.banner);
    }
    came_ = loop::Loop::instant();
    undecided_.reset();
    is_abandoned_ = false;
    is_answered_ = false;
    begin_anew_for(attempt.user());
    const auto target = access::parse_target(attempt.user());
    std::optional<access::Identity> identity;
    const auto word = access::invitation_in(target);
    if (word) {
      tell_of_invitation(*word, attempt);
      identity = co_await whom_invitation_lets_in(*word, attempt);
    } else if (attempt.is_interactive() || attempt.password() != nullptr) {
      identity = co_await whom_typing_lets_in(target, attempt);
      if (is_answered_) continue;
    } else if (target) {
      identity = whom_it_lets_in(*target, attempt);
      if (!identity && !undecided_) identity = co_await whom_a_ca_gives_an_account(target->user, attempt);
      if (!identity && !undecided_) identity = co_await whom_printed_keys_let_in(target->user, attempt);
    }
    if (!identity) {
      note_denied(attempt);
      // "none" is the first question of every client and names nothing that could be right: its answer tells nothing.
      if (!attempt.is_none() && !is_abandoned_) co_await denial_is_due();
      if (!attempt.is_none() || requests > 0) ++denied;
      if (denied >= place_.settings.max_auth_tries) co_return std::unexpected(give_up(*user_));
      is_abandoned_ ? attempt.abandon() : attempt.deny(can_continue(target));
      continue;
    }
    const bool is_not_enough = !attempt.is_question() && !in_place_of_a_session_ && !access::suffices(*identity);
    if (is_not_enough) {
      if (auto remembered = place_.lookup.with_remembered_sign_on(*identity)) identity = *std::move(remembered);
    }
    if (is_not_enough && !access::suffices(*identity)) {
      so_far_ = *std::move(identity);
      tell_what_is_missing(attempt);
      attempt.grant_in_part(can_continue(target));
      continue;
    }
    attempt.grant();
    if (attempt.is_question()) continue;
    target_ = in_place_of_a_session_ ? access::Target{.user = identity->name, .owner = {}, .container = {}} : *target;
    co_return *std::move(identity);
  }
  co_return std::unexpected(give_up(*user_));
}

// What it begins once it has authenticated is counted for its user.
bool Stranger::may_sign(std::string_view algorithm) {
  if (admitted() || !transport::is_rsa(algorithm)) return true;
  if (!over_ && place_.may_sign_with_rsa(*this)) {
    signed_with_rsa_ = true;
    return true;
  }
  user_->disconnect("too many signatures by RSA for this address within a minute: take another kind of host key");
  finish({Reason::too_many_rsa_signatures, {}, {}});
  return false;
}

void Stranger::end_phase(Phase phase) {
  const auto now = loop::Loop::instant();
  observe(&Observer::on_phase, phase, now - std::exchange(phase_began_, now));
}

void Stranger::note_denied(const auth::Attempt& attempt) {
  const auto denied = attempt.as_try();
  tried_.note(denied);
  if (attempt.is_none()) return;
  if (!undecided_) observe(&Observer::on_denied, denied);
  place_.on_denied(*this);
}

std::optional<access::Identity> Stranger::whom_it_lets_in(const access::Target& target, auth::Attempt& attempt) {
  return further(attempt.identity(place_.lookup, target.user, arrival_.from_host), attempt);
}

std::optional<access::Identity> Stranger::further(Result<std::optional<access::Identity>> identity,
                                                  auth::Attempt& attempt) {
  if (!identity) {
    undecided_ = unreadable(identity.error());
    return std::nullopt;
  }
  if (!*identity || !access::brings_further(so_far_, **identity)) return std::nullopt;
  if (!attempt.satisfies((*identity)->policy) || !attempt.holds()) return std::nullopt;
  return so_far_ ? access::together(*so_far_, **std::move(identity)) : *std::move(identity);
}

// Whoever is not asked is denied as anybody else is.
Task<std::optional<access::Identity>> Stranger::whom_typing_lets_in(const std::optional<access::Target>& target,
                                                                    auth::Attempt& attempt) {
  const auto wanted = typed_for(target, attempt);
  if (!wanted || (*wanted == Factor::oidc && !target)) co_return std::nullopt;
  auto asking = *wanted == Factor::totp   ? whom_a_code_lets_in(attempt)
                : *wanted == Factor::oidc ? whom_the_issuer_lets_in(*target, attempt)
                                          : whom_a_password_lets_in(target, attempt);
  co_return co_await asking;
}

// Of several, keyboard-interactive asks for the code of whoever has some, which costs nobody else anything; then for a
// sign-on, because a password has a method of its own.
std::optional<Factor> Stranger::typed_for(const std::optional<access::Target>& target,
                                          const auth::Attempt& attempt) const {
  const auto next = next_for(target);
  const auto takes = [&](Factor factor) { return std::ranges::find(next, factor) != next.end(); };
  const bool has_codes = access::needs_code(so_far_) && place_.lookup.has_codes(*so_far_);
  const bool takes_others = takes(Factor::password) || takes(Factor::oidc);
  if (attempt.is_interactive() && takes(Factor::totp) && (has_codes || !takes_others)) return Factor::totp;
  if (attempt.is_interactive() && takes(Factor::oidc)) return Factor::oidc;
  return takes(Factor::password) ? std::optional(Factor::password) : std::nullopt;
}

Task<std::optional<access::Identity>> Stranger::whom_a_password_lets_in(const std::optional<access::Target>& target,
                                                                        auth::Attempt& attempt) {
  PasswordLogin login({.loop = place_.loop, .lookup = place_.lookup, .checks = place_.passwords, .arrival = arrival_},
                      target, so_far_, attempt);
  auto outcome = co_await login.run();
  came_ = outcome.answered_at.value_or(came_);
  is_abandoned_ = outcome.is_abandoned;
  is_answered_ = outcome.is_answered;
  undecided_ = std::move(outcome.undecided);
  if (undecided_ && undecided_->reason == Reason::passwords_busy) attempt.say(sentence_of(*undecided_) + "\r\n");
  co_return std::move(outcome.identity);
}

// How long they think about an answer is no time of ours.
Task<std::optional<access::Identity>> Stranger::whom_a_code_lets_in(auth::Attempt& attempt) {
  transport::Questions questions;
  questions.prompts.push_back({.text = std::string(auth::kCodePrompt)});
  const auto reply = co_await attempt.ask(std::move(questions));
  came_ = loop::Loop::instant();
  is_abandoned_ = !reply && reply.error() == transport::Unanswered::abandoned;
  if (!reply || !access::needs_code(so_far_)) co_return std::nullopt;
  CodeChecks::Typed typed{.user = so_far_->user, .name = so_far_->name, .text = reply->front()};
  auto verdict = co_await place_.codes.check(place_.loop, std::move(typed));
  if (!verdict) undecided_ = unreadable(verdict.error());
  if (!verdict || !*verdict) co_return std::nullopt;
  auto identity = as_they_are_now(access::together(*so_far_, **std::move(verdict)));
  if (identity) attempt.typed_rightly();
  co_return identity;
}

std::optional<access::Identity> Stranger::as_they_are_now(access::Identity identity) {
  if (!access::suffices(identity)) return identity;
  auto now = place_.lookup.standing(identity, arrival_.from_host);
  return now ? std::optional(*std::move(now)) : std::nullopt;
}

Task<std::optional<access::Identity>> Stranger::whom_the_issuer_lets_in(const access::Target& target,
                                                                        auth::Attempt& attempt) {
  SignOnLogin::Place place{.loop = place_.loop,
                           .lookup = place_.lookup,
                           .sign_ons = place_.sign_ons,
                           .arrival = arrival_,
                           .client_version = user_->client_version(),
                           .on_shown = [this](auto within) { grace_.start(place_.settings.login_grace + within); }};
  SignOnLogin login(std::move(place), target, so_far_, attempt);
  auto outcome = co_await login.run();
  came_ = outcome.answered_at;
  is_abandoned_ = outcome.is_abandoned;
  undecided_ = std::move(outcome.undecided);
  co_return std::move(outcome.identity);
}

std::vector<Factor> Stranger::next_for(const std::optional<access::Target>& target) const {
  if (access::invitation_in(target)) return {Factor::publickey};
  if (so_far_) return progress(so_far_->needs, access::proven_by(*so_far_)).next;
  return progress(place_.lookup.needs_of(target ? target->user : std::string()), {}).next;
}

// To somebody who has shown who they are, and to nobody else.
void Stranger::tell_what_is_missing(auth::Attempt& attempt) {
  const bool can_sign_on = so_far_ && access::needs_sign_on(*so_far_);
  const bool lacks_code = !can_sign_on && access::needs_code(so_far_) && !place_.lookup.has_codes(*so_far_);
  const bool lacks_password = !can_sign_on && access::needs_password(so_far_) && !place_.lookup.has_password(*so_far_);
  if (lacks_password) {
    attempt.say(
        fmt::format("Your account needs a password to log in, and has none set: ask your administrator, who sets one "
                    "with `password set {}`.\r\n",
                    so_far_->name));
  }
  if (!lacks_code) return;
  attempt.say(
      fmt::format("Your account needs a one-time code to log in, and has none set up: ask your administrator, "
                  "who sets them up with `totp enroll {}`.\r\n",
                  so_far_->name));
}

// RFC 4252 section 5: what was proven for one name counts for no other.
void Stranger::begin_anew_for(const std::string& user) {
  if (account_ != user) so_far_.reset();
  account_ = user;
}

std::string Stranger::can_continue(const std::optional<access::Target>& target) const {
  return auth::methods_for(next_for(target));
}

Task<> Stranger::denial_is_due() {
  Event<std::monostate> due;
  loop::Timer timer(place_.loop, [&due] { due.set({}); });
  timer.start(auth::denial_after(came_, loop::Loop::instant()) + place_.settings.denials_wait);
  co_await due;
}

void Stranger::admit(access::Identity identity) {
  identity_ = std::move(identity);
  end_phase(Phase::authentication);
  grace_.stop();
  user_->pause();
  place_.on_admitted(*this);
}

std::pair<Admission, std::unique_ptr<ByteStream>> Stranger::leave() {
  over_ = true;
  user_->report_to(nullptr);
  user_->ask_before_signing({});
  auto stream = user_->leave_stream();
  return {Admission{.arrival = std::move(arrival_),
                    .identity = *std::move(identity_),
                    .target = std::move(target_),
                    .user = std::move(user_),
                    .early = std::move(early_),
                    .loss = std::move(loss_),
                    .refused = std::move(in_place_of_a_session_)},
          std::move(stream)};
}

// Names that cannot be one are nobody's either.
std::optional<Offence> Stranger::offence_of(Reason end) const {
  const auto is_somebody = [this](const std::string& name) {
    const auto target = access::parse_target(name);
    return target && place_.lookup.knows(target->user);
  };
  const bool has_tried = tried_.attempts() > 0;
  if (arrival_.is_check && !has_tried) return std::nullopt;
  return session::offence_of(end, {.has_tried = has_tried,
                                   .names_nobody = has_tried && std::ranges::none_of(tried_.users(), is_somebody),
                                   .speaks_another = speaks_another_});
}

// It need not wait for our answer before it says more. What has come with the proof is the rest of one read: nothing
// is read any more.
void Stranger::on_message(MutableBytes packet) {
  if (admitted()) early_.emplace_back(packet.begin(), packet.end());
}

void Stranger::on_version_line() {
  version_grace_.stop();
  if (!over_) place_.on_version_line(*this);
}

void Stranger::on_lost(const transport::Loss& loss) {
  speaks_another_ = loss.kind == transport::Loss::Kind::nothing_in_common;
  if (!admitted()) return finish({reason_of(loss.kind), {}, loss.text});
  loss_ = loss;
}

void Stranger::finish(End end) {
  if (over_ || admitted()) return;
  over_ = true;
  // The stranger has read what a wrong key reads. It was none.
  if (undecided_) end = *undecided_;
  offence_ = offence_of(end.reason);
  ended_ = end.reason;
  observe(&Observer::on_end, end, Observer::Ended{.tried = &tried_});
  place_.on_over(*this);
}

}  // namespace bastion::session
