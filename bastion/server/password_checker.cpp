#include "bastion/server/password_checker.h"

#include <mutex>
#include <utility>

#include "bastion/auth/password_hash.h"
#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/scheduling.h"
#include "bastion/loop/work.h"
#include "store/audit.h"
#include "store/passwords.h"

namespace bastion::server {
namespace {

// Whoever has logged in goes first, whatever strangers want to have computed.
void stand_back() {
  thread_local const bool done = [] {
    loop::let_others_first();
    return true;
  }();
  std::ignore = done;
}

}  // namespace

// The database, for one thread at a time.
class PasswordChecker::Cupboard {
 public:
  explicit Cupboard(store::Database database)
      : database_(std::move(database)), passwords_(database_), audit_(database_) {}

  [[nodiscard]] Result<std::int64_t> put(const Change& change, const std::string& hash);

 private:
  std::mutex mutex_;
  store::Database database_;
  store::Passwords passwords_;
  store::Audit audit_;
};

Result<std::int64_t> PasswordChecker::Cupboard::put(const Change& change, const std::string& hash) {
  const std::lock_guard lock(mutex_);
  const auto now = unix_now();
  return database_.change([&]() -> Result<std::int64_t> {
    const auto changed = passwords_.change(change.user, change.before, hash, now);
    if (!changed) return std::unexpected(changed.error());
    if (!*changed) return fail("it was changed or removed meanwhile");
    auto noted = audit_.add({.at = now,
                             .actor = change.name,
                             .action = "password change",
                             .subject = change.name,
                             .outcome = "done",
                             .from_host = change.from_host,
                             .session = change.session});
    if (!noted) return std::unexpected(noted.error());
    const auto there = passwords_.of_user(change.user);
    if (!there) return std::unexpected(there.error());
    return (*there)->id;
  });
}

Result<std::unique_ptr<PasswordChecker>> PasswordChecker::open(const Place& place, const config::Config& config) {
  auto database = fleet::open(place.directory, store::Database::Access::go_on);
  if (!database) return std::unexpected(std::move(database.error()));
  auto cupboard = std::make_shared<Cupboard>(*std::move(database));
  return std::unique_ptr<PasswordChecker>(new PasswordChecker(place, config, std::move(cupboard)));
}

PasswordChecker::PasswordChecker(const Place& place, const config::Config& config, std::shared_ptr<Cupboard> cupboard)
    : computing_(place.computing),
      waiting_(place.waiting),
      slots_(kMostOfOneSource, config),
      cupboard_(std::move(cupboard)) {}

PasswordChecker::~PasswordChecker() = default;

// The slot goes with the job: when it is done, or never begins because the stranger has gone.
Task<session::PasswordChecks::Verdict> PasswordChecker::is_right(loop::Loop& loop, Typed typed) {
  auto slot = slots_.take(typed.from_host);
  if (!slot) co_return fail("{} passwords of this source are looked at already", kMostOfOneSource);
  Event<Verdict> over;
  const loop::Work work(
      loop, computing_,
      [slot = *std::move(slot), typed = std::move(typed), &over]() -> loop::Work::Then {
        stand_back();
        return [verdict = auth::is_password(typed.hash, typed.text), &over]() mutable { over.set(std::move(verdict)); };
      },
      [&over](const Error& why) { over.set(std::unexpected(why)); });
  co_return co_await over;
}

Task<Result<std::string>> PasswordChecker::hashed(loop::Loop& loop, std::string text) {
  Event<Result<std::string>> over;
  const loop::Work work(
      loop, computing_,
      [text = std::move(text), &over]() -> loop::Work::Then {
        stand_back();
        return [hash = auth::hash_of_password(text), &over]() mutable { over.set(std::move(hash)); };
      },
      [&over](const Error& why) { over.set(std::unexpected(why)); });
  co_return co_await over;
}

Task<Result<std::int64_t>> PasswordChecker::change(loop::Loop& loop, Change change) {
  const auto hash = co_await hashed(loop, std::move(change.text));
  if (!hash) co_return std::unexpected(hash.error());
  const auto name = change.name;
  Event<Result<std::int64_t>> over;
  const loop::Work work(
      loop, waiting_,
      [cupboard = cupboard_, change = std::move(change), hash = *hash, &over]() -> loop::Work::Then {
        return [row = cupboard->put(change, hash), &over]() mutable { over.set(std::move(row)); };
      },
      [&over](const Error& why) { over.set(std::unexpected(why)); });
  auto row = co_await over;
  if (row) log::info("a password was changed user={}", name);
  co_return row;
}

}  // namespace bastion::server
