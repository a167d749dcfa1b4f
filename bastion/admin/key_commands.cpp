#include <fmt/format.h>

#include "bastion/admin/handlers.h"
#include "bastion/admin/moment.h"
#include "bastion/admin/new_key.h"
#include "bastion/admin/tables.h"
#include "store/keys.h"
#include "store/users.h"

namespace bastion::admin {

Result<Answer> key_add(Context& context, const Arguments& arguments) {
  const auto user = store::Users(context.database).get(arguments.text("USER"));
  if (!user) return std::unexpected(user.error());
  auto key = new_key(arguments.keys("KEY").front(), context.now);
  if (const auto comment = arguments.optional("--comment")) key.comment = *comment;
  if (const auto expires = arguments.optional("--expires")) {
    const auto moment = parse_moment(*expires, context.now);
    if (!moment) return std::unexpected(moment.error());
    if (*moment <= context.now) return fail("{} is past: the key would never be accepted", *expires);
    key.expires_at = *moment;
  }
  if (auto added = store::Keys(context.database).add(user->id, key); !added) {
    return fail("{}, for user {}", added.error().text, user->name);
  }
  return Answer{Sentence{fmt::format("key {} added for user {}", key.fingerprint, user->name)},
                fmt::format("{} {}", user->name, key.fingerprint)};
}

Result<Answer> key_list(Context& context, const Arguments& arguments) {
  const auto user = store::Users(context.database).get(arguments.text("USER"));
  if (!user) return std::unexpected(user.error());
  const auto keys = store::Keys(context.database).of_user(user->id);
  if (!keys) return std::unexpected(keys.error());
  return Answer{table_of(*keys)};
}

Result<Answer> key_remove(Context& context, const Arguments& arguments) {
  const auto user = store::Users(context.database).get(arguments.text("USER"));
  if (!user) return std::unexpected(user.error());
  const auto& given = arguments.text("FINGERPRINT");
  const auto fingerprint = given.starts_with("SHA256:") ? given : "SHA256:" + given;
  const auto removed = store::Keys(context.database).remove(user->id, fingerprint);
  if (!removed) return std::unexpected(removed.error());
  if (!*removed) return fail("user {} has no key {}: `key list {}` shows them", user->name, fingerprint, user->name);
  return Answer{Sentence{fmt::format("key {} removed from user {}", fingerprint, user->name)},
                fmt::format("{} {}", user->name, fingerprint)};
}

}  // namespace bastion::admin
