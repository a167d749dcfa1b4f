// Keys that users add and remove themselves.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "bastion/access/admission.h"
#include "bastion/access/policy_options.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/own.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/grammar/own.h"
#include "bastion/admin/grammar/page.h"
#include "bastion/admin/grammar/tables.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/new_key.h"
#include "bastion/admin/manifest/timestamp.h"
#include "store/keys.h"

namespace bastion::admin {
namespace {

// More than anybody has machines; administrators add what is more.
constexpr std::size_t kMostOwnKeys = 32;
constexpr std::string_view kKeyAnyhow = "key-anyhow";

std::string with_its_hash(const std::string& given) { return given.starts_with("SHA256:") ? given : "SHA256:" + given; }

// A certificate, or a key that a program prints, ends by itself; a password and a sign-on are taken away elsewhere.
Result<> may_enroll(const Own& own, const Context& context) {
  if (!own.ends_by_itself) return {};
  if (!is_open(context.me, kKeyAnyhow)) {
    return fail(
        "you logged in without a key that is enrolled here, and one would outlive what you logged in with: whether you "
        "may add one all the same is decided by the administrator of this bastion (`me` in bastion.toml, which has no "
        "\"{}\")",
        kKeyAnyhow);
  }
  return must_be_unlimited(own, "a key");
}

// What stands before the new key: what stands before the one they came with, or, where nothing does, what they like.
Result<std::string> options_for(const Own& own, const Arguments& arguments) {
  const auto& before = arguments.keys("KEY").front().options;
  const auto option = arguments.optional("--options");
  if (!before.empty() && option) {
    return fail("there are options before the key already: give them there or with --options");
  }
  auto wanted = option ? options_of(*option) : before;
  const auto parsed = access::parse_key_options(wanted);
  if (!parsed) return std::unexpected(parsed.error());
  if (parsed->is_ca) return fail("a CA lets in whomever it certifies: only an administrator trusts one");
  if (!own.options) return fail("you logged in with several keys that have different options: log in with one of them");
  if (own.options->empty()) return wanted;
  if (wanted.empty() || wanted == *own.options) return *own.options;
  return fail("the key you logged in with has the options {}: a key that it adds has the same, and no others",
              *own.options);
}

Result<std::optional<std::int64_t>> expiry_for(const Own& own, const Context& context, const Arguments& arguments) {
  const auto expires = arguments.optional("--expires");
  if (!expires || *expires == "never") return own.until;
  const auto timestamp = parse_timestamp(*expires, context.now);
  if (!timestamp) return std::unexpected(timestamp.error());
  if (*timestamp <= context.now) return fail("{} is past: the key would never be accepted", *expires);
  return access::earlier(*timestamp, own.until);
}

std::string what_holds(const store::Key& key) {
  std::string text;
  if (!key.options.empty()) text += fmt::format(", with the options {}", key.options);
  if (key.expires_at) text += fmt::format(", until {}", text_of_timestamp(*key.expires_at));
  return text;
}

// Whether it lets them in by itself, into something where they can say what they want.
bool is_way_in(const store::Key& key, std::int64_t now) {
  const auto options = access::parse_key_options(key.options);
  const bool is_over = key.expires_at && *key.expires_at <= now;
  return options && !key.is_revoked && !is_over && !options->policy.command &&
         (!options->policy.expires_at || *options->policy.expires_at > now);
}

bool came_with(const Own& own, const store::Key& key) {
  return std::ranges::any_of(access::shown_by(own.who), [&](const access::Credential& credential) {
    const auto* const shown = std::get_if<access::KeyCredential>(&credential);
    return shown != nullptr && shown->key == key.id;
  });
}

// A key that is limited removes none that is freer: whoever has stolen it would lock out its user.
Result<> may_remove(const Own& own, const store::Key& key) {
  if (!own.is_limited || came_with(own, key) || (own.options && *own.options == key.options)) return {};
  return must_be_unlimited(own, "another key");
}

std::optional<std::string> question_about(const Own& own, const store::Key& key, const std::vector<store::Key>& all,
                                          std::int64_t now) {
  const bool has_another = own.ends_by_itself || std::ranges::any_of(all, [&](const store::Key& other) {
                             return other.id != key.id && is_way_in(other, now);
                           });
  if (!has_another && is_way_in(key, now)) return "it is the last key that lets you in";
  if (came_with(own, key)) return "it is the key you are logged in with, and the session ends";
  return std::nullopt;
}

}  // namespace

Result<Answer> own_key_add(Context& context, const Arguments& arguments) {
  const auto own = own_of(context);
  if (!own) return std::unexpected(own.error());
  if (auto may = may_enroll(*own, context); !may) return std::unexpected(may.error());
  const auto options = options_for(*own, arguments);
  if (!options) return std::unexpected(options.error());
  const auto expires = expiry_for(*own, context, arguments);
  if (!expires) return std::unexpected(expires.error());
  store::Keys keys(context.database);
  const auto all = keys.of_user(own->who.user);
  if (!all) return std::unexpected(all.error());
  if (all->size() >= kMostOwnKeys) return fail("you have {} keys, which is as many as you add yourself", all->size());
  auto key = new_key(arguments.keys("KEY").front().named, context.now, *options);
  if (const auto comment = arguments.optional("--comment")) key.comment = *comment;
  key.expires_at = *expires;
  if (auto added = keys.add(own->who.user, key); !added) return std::unexpected(added.error());
  return Answer{Sentence{fmt::format("key {} lets you in from now on{}", key.fingerprint, what_holds(key))},
                fmt::format("{} {}", own->who.name, key.fingerprint)};
}

Result<Answer> own_key_list(Context& context, const Arguments& /*arguments*/) {
  const auto own = own_of(context);
  if (!own) return std::unexpected(own.error());
  const auto keys = store::Keys(context.database).of_user(own->who.user);
  if (!keys) return std::unexpected(keys.error());
  auto table = table_of(*keys);
  table.columns.emplace_back("this_session");
  for (std::size_t i = 0; i < keys->size(); ++i) table.rows[i].emplace_back(came_with(*own, (*keys)[i]));
  table.needed = {"fingerprint", "comment"};
  return Answer{std::move(table)};
}

Result<Answer> own_key_remove(Context& context, const Arguments& arguments) {
  const auto own = own_of(context);
  if (!own) return std::unexpected(own.error());
  store::Keys keys(context.database);
  const auto all = keys.of_user(own->who.user);
  if (!all) return std::unexpected(all.error());
  const auto fingerprint = with_its_hash(arguments.text("FINGERPRINT"));
  const auto key = std::ranges::find(*all, fingerprint, &store::Key::fingerprint);
  if (key == all->end()) return fail("you have no key {}: `me key list` shows yours", fingerprint);
  if (auto may = may_remove(*own, *key); !may) return std::unexpected(may.error());
  if (const auto why = question_about(*own, *key, *all, context.now); why && !arguments.given(kYesOption)) {
    return ask_for_yes(context, fmt::format("Remove key {}? Careful: {}.", fingerprint, *why),
                       fmt::format("key {} was not removed: {}; --yes removes it all the same", fingerprint, *why));
  }
  const auto removed = keys.remove(own->who.user, fingerprint);
  if (!removed) return std::unexpected(removed.error());
  return Answer{Sentence{fmt::format("key {} lets you in no more", fingerprint)},
                fmt::format("{} {}", own->who.name, fingerprint)};
}

}  // namespace bastion::admin
