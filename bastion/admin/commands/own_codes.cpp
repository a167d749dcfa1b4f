// One-time codes that users get and give up themselves. Who has some shows one first, as at a login.
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/admin/commands/audit_row.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/new_codes.h"
#include "bastion/admin/commands/own.h"
#include "bastion/auth/one_time_code.h"
#include "bastion/base/requirement.h"
#include "store/second_factors.h"

namespace bastion::admin {
namespace {

constexpr std::string_view kCode = "--code";

Result<Own> who_has_codes(Context& context) {
  auto own = own_of(context);
  if (!own) return own;
  if (auto may = must_be_unlimited(*own, "a one-time code"); !may) return std::unexpected(std::move(may.error()));
  return own;
}

Result<bool> is_right_step(Context& context, store::SecondFactors& factors, const store::Enrolment& enrolled,
                           const std::string& user, std::string_view code) {
  const auto key = context.sealing_key();
  if (!key) return std::unexpected(key.error());
  const auto secret = key->unseal(enrolled.secret, user);
  if (!secret) return std::unexpected(secret.error());
  const auto step = auth::step_of(*secret, code, context.now, enrolled.last_step);
  return step ? factors.use_here(enrolled.id, *step) : Result<bool>(false);
}

std::unexpected<Error> too_many() {
  return fail("too many codes were wrong, and none is looked at now: try again in {} minutes",
              store::SecondFactors::kLockedFor / 60);
}

// A change of its own: that a code was wrong is kept, although nothing else happens.
Result<bool> proven_by_step(Context& context, const store::Enrolment& enrolled, const std::string& user,
                            const std::optional<auth::TypedCode>& code) {
  store::SecondFactors factors(context.database);
  return context.database.change_here([&]() -> Result<bool> {
    const auto locked = factors.is_locked(enrolled.id, context.now);
    if (!locked) return locked;
    if (*locked) return too_many();
    if (code && code->kind == auth::TypedCode::Kind::one_time) {
      const auto right = is_right_step(context, factors, enrolled, user, code->text);
      if (!right || *right) return right;
    }
    if (auto noted = factors.note_failure(enrolled.id, context.now); !noted) return std::unexpected(noted.error());
    return false;
  });
}

Result<bool> proven_by_recovery_code(Context& context, std::int64_t user, const std::string& code) {
  store::SecondFactors factors(context.database);
  return context.database.change(
      [&] { return factors.use_recovery_code(user, auth::hash_of_recovery_code(code), context.now); });
}

Result<> prove(Context& context, const Own& own, const store::Enrolment& enrolled, const Arguments& arguments) {
  if (!arguments.given(kCode)) {
    return fail(
        "you have one-time codes already: show that they are yours, with a code of your phone or a recovery "
        "code behind --code");
  }
  const auto& given = arguments.text(kCode);
  const auto text = given == kStandardInput ? context.read_input() : Result<std::string>(given);
  if (!text) return std::unexpected(text.error());
  const auto code = auth::typed_code(*text);
  const bool is_recovery = code && code->kind == auth::TypedCode::Kind::recovery;
  if (is_recovery) {
    const auto right = proven_by_recovery_code(context, own.who.user, code->text);
    if (!right) return std::unexpected(right.error());
    if (*right) return {};
  }
  const auto right = proven_by_step(context, enrolled, own.who.name, code);
  if (!right) return std::unexpected(right.error());
  return *right ? Result<>{} : fail("the code is wrong, or was used already");
}

// Those that something was shown of.
Result<> must_be_there_still(Context& context, const Own& own, const std::optional<store::Enrolment>& before) {
  const auto now = store::SecondFactors(context.database).of_user(own.who.user);
  if (!now) return std::unexpected(now.error());
  const bool is_same = now->has_value() == before.has_value() &&
                       (!before || ((*now)->id == before->id && (*now)->secret == before->secret));
  return is_same ? Result<>{} : fail("your one-time codes have changed meanwhile: try again");
}

// Whether they get in without codes, by what they have shown beside them.
bool gets_in_without(const Own& own) {
  auto proven = access::proven_by(own.who);
  std::erase(proven, Factor::totp);
  return progress(own.who.needs, proven).is_done;
}

}  // namespace

// Looked at first, and proven; then all of it again, in the change, but for the code.
Result<Answer> own_totp_enroll(Context& context, const Arguments& arguments) {
  const auto before = who_has_codes(context);
  if (!before) return std::unexpected(before.error());
  const auto there = store::SecondFactors(context.database).of_user(before->who.user);
  if (!there) return std::unexpected(there.error());
  if (auto fits = must_fit(context); !fits) return std::unexpected(fits.error());
  if (*there) {
    if (auto proven = prove(context, *before, **there, arguments); !proven) return std::unexpected(proven.error());
  }
  const auto codes = new_codes();
  if (!codes) return std::unexpected(codes.error());
  auto answer = context.database.change([&]() -> Result<Answer> {
    const auto own = who_has_codes(context);
    if (!own) return std::unexpected(own.error());
    if (auto same = must_be_there_still(context, *own, *there); !same) return std::unexpected(same.error());
    const auto how = *there ? Codes::replaced : Codes::first;
    if (auto stored = store_codes(context, own->account, *codes, how); !stored) return std::unexpected(stored.error());
    if (auto written = write_audit(context, "me totp enroll", own->who.name); !written) {
      return std::unexpected(written.error());
    }
    return shown_once(context, own->who.name, "bastion", *codes);
  });
  if (answer && *there) {
    answer->effects = {.ends = other_sessions(context, *before), .end = {Reason::ended_by_user, {}, {}}};
  }
  return answer;
}

Result<Answer> own_totp_reset(Context& context, const Arguments& arguments) {
  const auto before = who_has_codes(context);
  if (!before) return std::unexpected(before.error());
  const auto there = store::SecondFactors(context.database).of_user(before->who.user);
  if (!there) return std::unexpected(there.error());
  if (!*there) return fail("you have no one-time codes");
  if (!gets_in_without(*before)) {
    return fail(
        "your account needs one-time codes to log in: `me totp enroll` with a code of these gives you new ones");
  }
  if (auto proven = prove(context, *before, **there, arguments); !proven) return std::unexpected(proven.error());
  return context.database.change([&]() -> Result<Answer> {
    const auto own = who_has_codes(context);
    if (!own) return std::unexpected(own.error());
    if (auto same = must_be_there_still(context, *own, *there); !same) return std::unexpected(same.error());
    const auto gone = store::SecondFactors(context.database).reset(own->who.user);
    if (!gone) return std::unexpected(gone.error());
    if (auto written = write_audit(context, "me totp reset", own->who.name); !written) {
      return std::unexpected(written.error());
    }
    return Answer{Sentence{"you have no one-time codes any more; sessions that were begun with them end"},
                  own->who.name};
  });
}

}  // namespace bastion::admin
