#include "bastion/server/account_maker.h"

#include <fmt/format.h>

#include <mutex>
#include <utility>

#include "bastion/access/principals.h"
#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/work.h"
#include "store/audit.h"
#include "store/cas.h"
#include "store/users.h"

namespace bastion::server {

// Owns all that the jobs touch, for one of them at a time.
class AccountMaker::Book {
 public:
  explicit Book(store::Database database)
      : database_(std::move(database)), cas_(database_), users_(database_), audit_(database_) {}

  [[nodiscard]] Result<> make(const Wanted& wanted) {
    const std::lock_guard lock(mutex_);
    return database_.change([&] { return in_one_change(wanted); });
  }

 private:
  [[nodiscard]] Result<> in_one_change(const Wanted& wanted) {
    const auto there = users_.find(wanted.name);
    if (!there) return std::unexpected(there.error());
    if (*there) return {};
    const auto ca = cas_.find(wanted.ca);
    if (!ca) return std::unexpected(ca.error());
    const auto rules = *ca ? access::parse_principals((*ca)->principals) : fail("it is trusted no longer");
    if (!rules || !access::creates_accounts(*rules)) return fail("CA {} makes no accounts any more", wanted.ca);
    const auto now = unix_now();
    if (const auto added = users_.add(wanted.name, store::Role::user, now); !added) {
      return std::unexpected(added.error());
    }
    return audit_.add({.at = now,
                       .actor = wanted.name,
                       .action = "account",
                       .subject = wanted.name,
                       .outcome = "done",
                       .key_fingerprint = wanted.fingerprint,
                       .from_host = wanted.from_host,
                       .session = wanted.session,
                       .detail = wanted.certificate});
  }

  std::mutex mutex_;
  store::Database database_;
  store::Cas cas_;
  store::Users users_;
  store::Audit audit_;
};

Result<std::unique_ptr<AccountMaker>> AccountMaker::open(const fleet::Directory& directory, loop::Executor& executor) {
  auto database = fleet::open(directory, store::Database::Access::go_on);
  if (!database) return std::unexpected(std::move(database.error()));
  return std::unique_ptr<AccountMaker>(new AccountMaker(executor, std::make_shared<Book>(*std::move(database))));
}

AccountMaker::AccountMaker(loop::Executor& executor, std::shared_ptr<Book> book)
    : executor_(executor), book_(std::move(book)) {}

AccountMaker::~AccountMaker() = default;

Task<Result<>> AccountMaker::make(loop::Loop& loop, Wanted wanted) {
  Event<Result<>> over;
  const auto name = wanted.name;
  const auto ca = wanted.ca;
  const loop::Work work(
      loop, executor_,
      [book = book_, wanted = std::move(wanted), &over]() -> loop::Work::Then {
        return [outcome = book->make(wanted), &over]() mutable { over.set(std::move(outcome)); };
      },
      [&over](const Error& why) { over.set(std::unexpected(why)); });
  auto outcome = co_await over;
  if (outcome) log::info("an account was made user={} ca={}", name, ca);
  if (!outcome) log::error("an account cannot be made: user={} ca={} detail={:?}", name, ca, outcome.error().text);
  co_return outcome;
}

}  // namespace bastion::server
