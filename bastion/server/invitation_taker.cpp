#include "bastion/server/invitation_taker.h"

#include <cstdint>
#include <mutex>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/work.h"
#include "bastion/transport/keys.h"
#include "store/audit.h"
#include "store/invitations.h"
#include "store/keys.h"
#include "store/revocations.h"
#include "store/users.h"

namespace bastion::server {
namespace {

using Taking = Result<std::optional<std::string>>;

constexpr const char* kComment = "invitation";

}  // namespace

// Owns all that the jobs touch, for one of them at a time.
class InvitationTaker::Book {
 public:
  explicit Book(store::Database database)
      : database_(std::move(database)),
        invitations_(database_),
        users_(database_),
        keys_(database_),
        revocations_(database_),
        audit_(database_) {}

  [[nodiscard]] Taking take(const Taken& taken) {
    const std::lock_guard lock(mutex_);
    return database_.change([&] { return in_one_change(taken); });
  }

 private:
  [[nodiscard]] Taking in_one_change(const Taken& taken) {
    const auto now = unix_now();
    const auto invitation = invitations_.open(taken.hash, now);
    if (!invitation) return std::unexpected(invitation.error());
    if (!*invitation) return std::nullopt;
    const auto user = users_.get((*invitation)->user_name);
    if (!user) return std::unexpected(user.error());
    const auto revoked = revocations_.is_revoked(taken.key.blob);
    if (!revoked) return std::unexpected(revoked.error());
    if (user->disabled_at || *revoked) return std::nullopt;
    if (auto enrolled = enroll(*user, taken, now); !enrolled) return std::unexpected(enrolled.error());
    const auto used = invitations_.use((*invitation)->id);
    if (!used) return std::unexpected(used.error());
    if (!*used) return fail("the invitation of {} was taken by somebody else", user->name);
    if (auto noted = note(*user, taken, now); !noted) return std::unexpected(noted.error());
    return user->name;
  }
  // Theirs it may be already.
  [[nodiscard]] Result<> enroll(const store::User& user, const Taken& taken, std::int64_t now) {
    const auto there = keys_.enrolled(user.name, taken.key.blob);
    if (!there) return std::unexpected(there.error());
    if (*there) return {};
    return keys_.add(user.id, {.blob = taken.key.blob,
                               .fingerprint = transport::fingerprint(taken.key.blob),
                               .comment = kComment,
                               .added_at = now});
  }
  [[nodiscard]] Result<> note(const store::User& user, const Taken& taken, std::int64_t now) {
    return audit_.add({.at = now,
                       .actor = user.name,
                       .action = "invitation",
                       .subject = user.name,
                       .outcome = "done",
                       .key_fingerprint = transport::fingerprint(taken.key.blob),
                       .from_host = taken.from_host,
                       .session = taken.session,
                       .detail = {}});
  }

  std::mutex mutex_;
  store::Database database_;
  store::Invitations invitations_;
  store::Users users_;
  store::Keys keys_;
  store::Revocations revocations_;
  store::Audit audit_;
};

Result<std::unique_ptr<InvitationTaker>> InvitationTaker::open(const fleet::Directory& directory,
                                                               loop::Executor& executor) {
  auto database = fleet::open(directory, store::Database::Access::go_on);
  if (!database) return std::unexpected(std::move(database.error()));
  return std::unique_ptr<InvitationTaker>(new InvitationTaker(executor, std::make_shared<Book>(*std::move(database))));
}

InvitationTaker::InvitationTaker(loop::Executor& executor, std::shared_ptr<Book> book)
    : executor_(executor), book_(std::move(book)) {}

InvitationTaker::~InvitationTaker() = default;

Task<Taking> InvitationTaker::take(loop::Loop& loop, Taken taken) {
  Event<Taking> over;
  const auto fingerprint = transport::fingerprint(taken.key.blob);
  const loop::Work work(
      loop, executor_,
      [book = book_, taken = std::move(taken), &over]() -> loop::Work::Then {
        return [outcome = book->take(taken), &over]() mutable { over.set(std::move(outcome)); };
      },
      [&over](const Error& why) { over.set(std::unexpected(why)); });
  auto outcome = co_await over;
  if (!outcome) log::error("an invitation cannot be taken: {}", outcome.error().text);
  if (outcome && *outcome) log::info("an invitation was taken user={} key={}", **outcome, fingerprint);
  co_return outcome;
}

}  // namespace bastion::server
