#include "bastion/server/code_checker.h"

#include <mutex>
#include <utility>

#include "bastion/auth/one_time_code.h"
#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/work.h"
#include "store/second_factors.h"
#include "store/writer.h"

namespace bastion::server {
namespace {

using auth::TypedCode;

// A database and what stands in it, for one thread at a time.
struct Shelf {
  explicit Shelf(store::Database opened) : database(std::move(opened)), factors(database) {}

  std::mutex mutex;
  store::Database database;
  store::SecondFactors factors;
};

// What came of a code that was looked at.
struct Judgement {
  bool is_right = false;
  std::int64_t step = 0;  // of a one-time code that is
};

}  // namespace

// Owns all that the jobs touch.
class CodeChecker::Judge {
 public:
  struct Right {
    access::CodeCredential credential;
    std::int64_t step = 0;  // 0: it was a recovery code
  };

  Judge(store::Database here, store::Database common, Result<SealingKey> key)
      : here_(std::move(here)), common_(std::move(common)), key_(std::move(key)) {}

  [[nodiscard]] Result<std::optional<Right>> judge(const Typed& typed);

 private:
  [[nodiscard]] Result<Judgement> look_at(const store::Enrolment& enrolled, const Typed& typed,
                                          const std::optional<TypedCode>& code, std::int64_t now);
  [[nodiscard]] Result<Judgement> look_at_step(const store::Enrolment& enrolled, const Typed& typed,
                                               const std::string& code, std::int64_t now);
  [[nodiscard]] Result<bool> use_recovery_code(const Typed& typed, const std::string& code, std::int64_t now);

  Shelf here_;    // what this bastion notes by itself
  Shelf common_;  // what all have in common: it may have to wait for the fleet's database
  const Result<SealingKey> key_;
};

Result<Judgement> CodeChecker::Judge::look_at_step(const store::Enrolment& enrolled, const Typed& typed,
                                                   const std::string& code, std::int64_t now) {
  if (!key_) return std::unexpected(key_.error());
  const auto secret = key_->unseal(enrolled.secret, typed.name);
  if (!secret) return fail("the secret of {}'s one-time codes: {}", typed.name, secret.error().text);
  const auto step = auth::step_of(*secret, code, now, enrolled.last_step);
  if (!step) return Judgement{};
  const auto used = here_.factors.use_here(enrolled.id, *step);
  if (!used) return std::unexpected(used.error());
  return Judgement{.is_right = *used, .step = *step};
}

// Whether it is right, or one more that is wrong: in one transaction, so that of two who type the same one is let in.
Result<Judgement> CodeChecker::Judge::look_at(const store::Enrolment& enrolled, const Typed& typed,
                                              const std::optional<TypedCode>& code, std::int64_t now) {
  return here_.database.change_here([&]() -> Result<Judgement> {
    Judgement judgement;
    if (code && code->kind == TypedCode::Kind::one_time) {
      const auto looked = look_at_step(enrolled, typed, code->text, now);
      if (!looked) return looked;
      judgement = *looked;
    }
    if (judgement.is_right) return judgement;
    if (auto noted = here_.factors.note_failure(enrolled.id, now); !noted) return std::unexpected(noted.error());
    return judgement;
  });
}

Result<bool> CodeChecker::Judge::use_recovery_code(const Typed& typed, const std::string& code, std::int64_t now) {
  const auto hash = auth::hash_of_recovery_code(code);
  const std::lock_guard lock(common_.mutex);
  return common_.database.change([&] { return common_.factors.use_recovery_code(typed.user, hash, now); });
}

Result<std::optional<CodeChecker::Judge::Right>> CodeChecker::Judge::judge(const Typed& typed) {
  const auto now = unix_now();
  const auto code = auth::typed_code(typed.text);
  std::unique_lock lock(here_.mutex);
  const auto enrolled = here_.factors.of_user(typed.user);
  if (!enrolled) return std::unexpected(enrolled.error());
  if (!*enrolled) return std::nullopt;
  const auto locked = here_.factors.is_locked((*enrolled)->id, now);
  if (!locked) return std::unexpected(locked.error());
  if (*locked) {
    log::warning("no code is looked at user={} wrong={} for={}s", typed.name, store::SecondFactors::kMostFailures,
                 store::SecondFactors::kLockedFor);
    return std::nullopt;
  }
  const access::CodeCredential credential{.enrolment = (*enrolled)->id};
  if (code && code->kind == TypedCode::Kind::recovery) {
    lock.unlock();
    const auto used = use_recovery_code(typed, code->text, now);
    if (!used) return std::unexpected(used.error());
    if (*used) log::info("a recovery code was used user={}", typed.name);
    if (*used) return Right{.credential = credential};
    lock.lock();
  }
  const auto judgement = look_at(**enrolled, typed, code, now);
  if (!judgement) return std::unexpected(judgement.error());
  if (!judgement->is_right) return std::nullopt;
  return Right{.credential = credential, .step = judgement->step};
}

Result<std::unique_ptr<CodeChecker>> CodeChecker::open(Place place) {
  auto here = store::Database::open(place.directory.file, store::Database::Access::go_on);
  if (!here) return std::unexpected(std::move(here.error()));
  auto common = fleet::open(place.directory, store::Database::Access::go_on);
  if (!common) return std::unexpected(std::move(common.error()));
  auto judge = std::make_shared<Judge>(*std::move(here), *std::move(common), std::move(place.key));
  return std::unique_ptr<CodeChecker>(new CodeChecker(place.executor, place.writer, std::move(judge)));
}

CodeChecker::CodeChecker(loop::Executor& executor, store::Writer& writer, std::shared_ptr<Judge> judge)
    : executor_(executor), writer_(writer), judge_(std::move(judge)) {}

CodeChecker::~CodeChecker() = default;

Task<session::CodeChecks::Verdict> CodeChecker::check(loop::Loop& loop, Typed typed) {
  using Outcome = Result<std::optional<Judge::Right>>;
  Event<Outcome> over;
  const loop::Work work(
      loop, executor_,
      [judge = judge_, typed = std::move(typed), &over]() -> loop::Work::Then {
        return [outcome = judge->judge(typed), &over]() mutable { over.set(std::move(outcome)); };
      },
      [&over](const Error& why) { over.set(std::unexpected(why)); });
  const auto outcome = co_await over;
  if (!outcome) {
    log::error("a code cannot be looked at: {}", outcome.error().text);
    co_return std::unexpected(outcome.error());
  }
  if (!*outcome) co_return std::nullopt;
  const auto [credential, step] = **outcome;
  // The others of a fleet learn it from its log, within moments; here it is known by now.
  if (step != 0) {
    writer_.change("the use of a one-time code", [enrolment = credential.enrolment, step](store::Database& database) {
      return store::SecondFactors(database).note_used(enrolment, step);
    });
  }
  co_return credential;
}

}  // namespace bastion::server
