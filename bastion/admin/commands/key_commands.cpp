#include <fmt/format.h>

#include <algorithm>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/grammar/page.h"
#include "bastion/admin/grammar/tables.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/new_key.h"
#include "bastion/admin/manifest/timestamp.h"
#include "store/keys.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

// With or without the name of the hash before it.
std::string fingerprint_of(const std::string& given) {
  return given.starts_with("SHA256:") ? given : "SHA256:" + given;
}

std::string subject_of(const store::User& user, const std::string& fingerprint) {
  return fmt::format("{} {}", user.name, fingerprint);
}

std::unexpected<Error> no_such_key(const store::User& user, const std::string& fingerprint) {
  return fail("user {} has no key {}: `key list {}` shows them", user.name, fingerprint, user.name);
}

// What the command line says about a key, put into what the store has.
Result<> describe(store::Key& key, const Context& context, const Arguments& arguments) {
  if (const auto comment = arguments.optional("--comment")) key.comment = *comment;
  if (const auto options = arguments.optional("--options")) key.options = options_of(*options);
  const auto expires = arguments.optional("--expires");
  if (!expires) return {};
  key.expires_at = std::nullopt;
  if (*expires == "never") return {};
  const auto timestamp = parse_timestamp(*expires, context.now);
  if (!timestamp) return std::unexpected(timestamp.error());
  if (*timestamp <= context.now) return fail("{} is past: the key would never be accepted", *expires);
  key.expires_at = *timestamp;
  return {};
}

}  // namespace

Result<Answer> key_add(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("USER"));
  if (!user) return std::unexpected(user.error());
  const auto& given = arguments.keys("KEY").front();
  if (!given.options.empty() && arguments.given("--options")) {
    return fail("there are options before the key already: give them there or with --options");
  }
  auto key = new_key(given.named, context.now, given.options);
  if (auto described = describe(key, context, arguments); !described) return std::unexpected(described.error());
  if (auto added = store::Keys(context.database).add(user->id, key); !added) {
    return fail("{}, for user {}", added.error().text, user->name);
  }
  return Answer{Sentence{fmt::format("key {} added for user {}", key.fingerprint, user->name)},
                subject_of(*user, key.fingerprint)};
}

Result<Answer> key_list(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("USER"));
  if (!user) return std::unexpected(user.error());
  auto keys = store::Keys(context.database).of_user(user->id);
  if (!keys) return std::unexpected(keys.error());
  const PageWanted page(context, arguments);
  if (!page.after().empty()) {
    const auto last = std::ranges::find(*keys, fingerprint_of(page.after()), &store::Key::fingerprint);
    if (last == keys->end()) return no_such_key(*user, fingerprint_of(page.after()));
    keys->erase(keys->begin(), last + 1);
  }
  auto answer = page.answer(table_of(*keys), [](const std::vector<Cell>& row) { return row[0].get<std::string>(); });
  if (!context.key_command.empty()) {
    answer.note += answer.note.empty() ? "" : "; ";
    answer.note +=
        fmt::format("authorized_keys_command is asked too, for keys that are not here: {}", context.key_command);
  }
  return answer;
}

Result<Answer> key_set(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("USER"));
  if (!user) return std::unexpected(user.error());
  store::Keys keys(context.database);
  const auto known = keys.of_user(user->id);
  if (!known) return std::unexpected(known.error());
  const auto fingerprint = fingerprint_of(arguments.text("FINGERPRINT"));
  const auto found = std::ranges::find(*known, fingerprint, &store::Key::fingerprint);
  if (found == known->end()) return no_such_key(*user, fingerprint);
  auto key = *found;
  if (auto described = describe(key, context, arguments); !described) return std::unexpected(described.error());
  if (auto updated = keys.update(key); !updated) return std::unexpected(updated.error());
  return Answer{Sentence{fmt::format("key {} of user {} changed", fingerprint, user->name)},
                subject_of(*user, fingerprint)};
}

Result<Answer> key_remove(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("USER"));
  if (!user) return std::unexpected(user.error());
  const auto fingerprint = fingerprint_of(arguments.text("FINGERPRINT"));
  const auto removed = store::Keys(context.database).remove(user->id, fingerprint);
  if (!removed) return std::unexpected(removed.error());
  if (!*removed) return no_such_key(*user, fingerprint);
  return Answer{Sentence{fmt::format("key {} removed from user {}", fingerprint, user->name)},
                subject_of(*user, fingerprint)};
}

}  // namespace bastion::admin
