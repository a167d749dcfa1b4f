#include "bastion/server/sign_on_desk.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/base/log_value.h"
#include "bastion/base/network.h"
#include "bastion/base/user_name.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/work.h"
#include "store/groups.h"
#include "store/sign_ons.h"
#include "store/users.h"
#include "store/writer.h"

namespace bastion::server {
namespace {

// What came of it, for the audit.
struct Noted {
  access::SignOnCredential sign_on;
  bool is_new = false;  // the account was made
  std::vector<std::string> joined{};
  std::vector<std::string> left{};
};

std::string detail_of(const Noted& noted, std::string_view issuer, const std::string& subject) {
  auto text = fmt::format("issuer={} subject={}", log_value(issuer), log_value(subject));
  if (noted.is_new) text += " account=new";
  if (!noted.joined.empty()) text += fmt::format(" joined={}", fmt::join(noted.joined, ","));
  if (!noted.left.empty()) text += fmt::format(" left={}", fmt::join(noted.left, ","));
  return text;
}

// The process's conversation as the one of whoever signs on.
class Talk final : public session::SignOns::Begun {
 public:
  explicit Talk(std::unique_ptr<oidc::Conversation> conversation) : conversation_(std::move(conversation)) {}

  [[nodiscard]] Event<Result<oidc::Shown>>& shown() override { return conversation_->shown(); }
  void go_on() override { conversation_->go_on(); }
  [[nodiscard]] Event<Result<oidc::SignedOn>>& outcome() override { return conversation_->outcome(); }

 private:
  std::unique_ptr<oidc::Conversation> conversation_;
};

SignOnLimiter::Time instant() { return std::chrono::floor<SignOnLimiter::Time>(loop::Loop::instant()); }

}  // namespace

// Owns all that the jobs touch. The database may have to wait for the fleet's.
class SignOnDesk::Book {
 public:
  Book(store::Database common, config::Oidc oidc)
      : common_(std::move(common)), users_(common_), groups_(common_), sign_ons_(common_), oidc_(std::move(oidc)) {}

  // Nothing: there is no such account, or it is disabled.
  [[nodiscard]] Result<std::optional<Noted>> note(const Done& done);

 private:
  [[nodiscard]] Result<std::optional<Noted>> write(const Done& done, std::int64_t now);
  [[nodiscard]] Result<std::optional<store::User>> account(const Done& done, std::int64_t now, bool& is_new);
  [[nodiscard]] Result<> follow_groups(const store::User& user, const Done& done, Noted& noted);

  std::mutex mutex_;
  store::Database common_;
  store::Users users_;
  store::Groups groups_;
  store::SignOns sign_ons_;
  const config::Oidc oidc_;
};

// What is made has the role of everybody: a claim gives none.
Result<std::optional<store::User>> SignOnDesk::Book::account(const Done& done, std::int64_t now, bool& is_new) {
  auto there = users_.find(done.account);
  if (!there || *there || !oidc_.create || !done.keys.empty()) return there;
  const auto name = user_name_of(done.account);
  if (!name) return std::nullopt;
  if (const auto added = users_.add(*name, store::Role::user, now); !added) return std::unexpected(added.error());
  is_new = true;
  return users_.find(*name);
}

// Of the groups that the configuration names, and that are there: in those of which the issuer says so, and in no
// others.
Result<> SignOnDesk::Book::follow_groups(const store::User& user, const Done& done, Noted& noted) {
  std::map<std::string, bool> is_member;
  for (const auto& [claimed, group] : oidc_.groups) {
    is_member[group] |= std::ranges::find(done.person.groups, claimed) != done.person.groups.end();
  }
  for (const auto& [name, is_in] : is_member) {
    const auto group = groups_.find(name);
    if (!group) return std::unexpected(group.error());
    if (!*group) continue;
    const auto changed = is_in ? groups_.join((*group)->id, user.id) : groups_.leave((*group)->id, user.id);
    if (!changed) return std::unexpected(changed.error());
    if (*changed) (is_in ? noted.joined : noted.left).push_back(name);
  }
  return {};
}

Result<std::optional<Noted>> SignOnDesk::Book::write(const Done& done, std::int64_t now) {
  Noted noted;
  const auto user = account(done, now, noted.is_new);
  if (!user) return std::unexpected(user.error());
  if (!*user || (*user)->disabled_at) return std::nullopt;
  auto keys = done.keys;
  if (keys.empty()) keys.emplace_back();
  for (const auto& key : keys) {
    const auto row = sign_ons_.note(
        {.user = (*user)->id, .key = key, .issuer = oidc_.issuer, .subject = done.person.subject, .signed_at = now});
    if (!row) return std::unexpected(row.error());
    noted.sign_on = {.sign_on = *row, .signed_at = now};
  }
  if (auto followed = follow_groups(**user, done, noted); !followed) return std::unexpected(followed.error());
  return noted;
}

Result<std::optional<Noted>> SignOnDesk::Book::note(const Done& done) {
  const auto now = unix_now();
  const std::lock_guard lock(mutex_);
  return common_.change([&] { return write(done, now); });
}

Result<std::unique_ptr<SignOnDesk>> SignOnDesk::open(Place place) {
  auto common = fleet::open(place.directory, store::Database::Access::go_on);
  if (!common) return std::unexpected(std::move(common.error()));
  auto book = std::make_shared<Book>(*std::move(common), place.settings);
  return std::unique_ptr<SignOnDesk>(new SignOnDesk(std::move(place), std::move(book)));
}

SignOnDesk::SignOnDesk(Place place, std::shared_ptr<Book> book)
    : oidc_(std::move(place.settings)),
      source_block_(place.source_block),
      issuer_(place.issuer),
      executor_(place.executor),
      writer_(place.writer),
      book_(std::move(book)) {}

SignOnDesk::~SignOnDesk() = default;

Result<std::unique_ptr<session::SignOns::Begun>> SignOnDesk::begin(loop::Loop& loop, const Asker& asker) {
  const auto address = address_of(asker.from_host).value_or(Address{});
  const auto bits = static_cast<std::size_t>(address.is_ipv4() ? source_block_.ipv4 : source_block_.ipv6);
  const auto may = asker.has_shown_key ? limiter_.begin_with_key(asker.account, instant())
                                       : limiter_.begin(Network::around(address, bits).text(), instant());
  if (!may) return std::unexpected(may.error());
  auto conversation = issuer_.begin(loop);
  if (!conversation) return std::unexpected(std::move(conversation.error()));
  return std::make_unique<Talk>(*std::move(conversation));
}

Task<Result<std::optional<access::SignOnCredential>>> SignOnDesk::note(loop::Loop& loop, Done done) {
  using Outcome = Result<std::optional<Noted>>;
  Event<Outcome> over;
  const loop::Work work(
      loop, executor_,
      [book = book_, done, &over]() -> loop::Work::Then {
        return [outcome = book->note(done), &over]() mutable { over.set(std::move(outcome)); };
      },
      [&over](const Error& why) { over.set(std::unexpected(why)); });
  const auto outcome = co_await over;
  if (!outcome) {
    log::error("a sign-on cannot be written down user={} detail={:?}", done.account, outcome.error().text);
    co_return std::unexpected(outcome.error());
  }
  writer_.audit({.at = unix_now(),
                 .actor = *outcome ? done.account : "-",
                 .action = "sign on",
                 .subject = done.account,
                 .outcome = *outcome ? "done" : "denied",
                 .key_fingerprint = done.keys.empty() ? std::string() : done.keys.back(),
                 .from_host = done.from_host,
                 .session = done.session,
                 .detail = detail_of(outcome->value_or(Noted{}), oidc_.issuer, done.person.subject)});
  if (!*outcome) co_return std::nullopt;
  co_return (*outcome)->sign_on;
}

}  // namespace bastion::server
