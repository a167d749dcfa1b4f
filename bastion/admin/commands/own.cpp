#include "bastion/admin/commands/own.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "bastion/access/admission.h"
#include "bastion/access/policy_options.h"
#include "store/keys.h"

namespace bastion::admin {
namespace {

// Whether it may less, but for how long: of that the key itself says what a key that it adds needs.
bool may_less(access::Policy what, access::Policy account) {
  what.expires_at.reset();
  account.expires_at.reset();
  return what != account;
}

// What the store says of a key they came with.
void add_key(Own& own, const store::Key& key, bool is_first) {
  own.until = access::earlier(own.until, key.expires_at);
  own.is_limited = own.is_limited || !key.options.empty();
  if (is_first) {
    own.options = key.options;
  } else if (own.options && *own.options != key.options) {
    own.options.reset();
  }
}

Result<> add_keys(Own& own, store::Database& database) {
  const auto keys = store::Keys(database).of_user(own.who.user);
  if (!keys) return std::unexpected(keys.error());
  bool is_first = true;
  for (const auto& credential : access::shown_by(own.who)) {
    const auto* const shown = std::get_if<access::KeyCredential>(&credential);
    const bool is_printed = shown != nullptr && shown->printed != nullptr;
    if (is_printed || std::holds_alternative<access::CertificateCredential>(credential)) own.ends_by_itself = true;
    if (shown == nullptr || is_printed) continue;
    const auto key = std::ranges::find(*keys, shown->key, &store::Key::id);
    if (key == keys->end()) return fail("the key you logged in with was removed");
    add_key(own, *key, std::exchange(is_first, false));
  }
  if (is_first) own.ends_by_itself = true;  // they have typed a password, or signed on
  return {};
}

}  // namespace

Result<Own> own_of(Context& context) {
  if (!context.self) return fail("nobody has logged in");
  auto who = context.self();
  if (!who) return std::unexpected(std::move(who.error()));
  auto account = store::Users(context.database).get(who->name);
  if (!account) return std::unexpected(std::move(account.error()));
  if (account->id != who->user) return fail("your account was removed");
  const auto policy = access::parse_policy(account->options);
  if (!policy) return std::unexpected(policy.error());
  Own own{.who = *std::move(who), .account = *std::move(account)};
  own.is_limited = may_less(own.who.policy, *policy);
  if (auto added = add_keys(own, context.database); !added) return std::unexpected(std::move(added.error()));
  return own;
}

Result<> must_be_unlimited(const Own& own, std::string_view what) {
  if (!own.is_limited) return {};
  return fail(
      "what you logged in with is limited by options, and {} counts for your whole account: log in with a key "
      "that has none, or ask your administrator",
      what);
}

Result<store::Container> own_container(Context& context, const Own& own, std::string_view name) {
  const auto slash = name.find('/');
  const bool is_of_another = slash != std::string_view::npos && name.substr(0, slash) != own.who.name;
  auto owned = store::Containers(context.database).of_owner(own.who.user);
  if (!owned) return std::unexpected(std::move(owned.error()));
  const auto wanted = slash == std::string_view::npos ? name : name.substr(slash + 1);
  const auto found = std::ranges::find(*owned, wanted, &store::Container::name);
  if (is_of_another || found == owned->end()) {
    return fail("you own no container {}: `me container list` shows yours", name);
  }
  return *std::move(found);
}

std::vector<std::string> other_sessions(const Context& context, const Own& own) {
  std::vector<std::string> ids;
  if (!context.snapshot.sessions) return ids;
  for (const auto& session : *context.snapshot.sessions) {
    if (session.user == own.who.name && session.id != context.session) ids.push_back(session.id);
  }
  return ids;
}

}  // namespace bastion::admin
