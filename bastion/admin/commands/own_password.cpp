// A password that users change themselves. They give the one that they have first, as at a login.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/admin/commands/audit_row.h"
#include "bastion/admin/commands/given_password.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/own.h"
#include "bastion/auth/password.h"
#include "bastion/auth/password_hash.h"
#include "bastion/base/requirement.h"
#include "store/passwords.h"

namespace bastion::admin {
namespace {

struct OwnPassword {
  Own own;
  store::Password there;
};

Result<OwnPassword> who_has_a_password(Context& context) {
  auto own = own_of(context);
  if (!own) return std::unexpected(std::move(own.error()));
  if (auto may = must_be_unlimited(*own, "a password"); !may) return std::unexpected(std::move(may.error()));
  if (!names(own->who.needs, Factor::password)) {
    return fail("your account takes no password: it needs {} to log in", text_of(own->who.needs));
  }
  auto there = store::Passwords(context.database).of_user(own->who.user);
  if (!there) return std::unexpected(std::move(there.error()));
  if (!*there) return fail("no password is set for you: ask your administrator for the first one");
  return OwnPassword{.own = *std::move(own), .there = **std::move(there)};
}

struct Typed {
  std::string before;
  std::string next;
};

// A line each; the new one may stand there twice.
Result<Typed> typed_on_standard_input(const Context& context) {
  const auto text = context.read_input();
  if (!text) return std::unexpected(text.error());
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text->size();) {
    const auto end = std::min(text->find('\n', at), text->size());
    lines.push_back(text->substr(at, end - at));
    if (lines.back().ends_with('\r')) lines.back().pop_back();
    at = end + 1;
  }
  if (lines.size() < 2 || lines.size() > 3) {
    return fail("standard input: the password you have is expected, and the new one on the next line");
  }
  if (lines.size() == 3 && lines[1] != lines[2]) return fail("the new passwords differ: nothing was changed");
  if (lines[1] == lines[0]) return fail("the new password is the old one");
  if (const auto why = auth::objection_to_password(lines[1])) return std::unexpected(*why);
  return Typed{.before = std::move(lines[0]), .next = std::move(lines[1])};
}

// Changes of their own: that one was wrong is kept, although nothing else happens.
Result<> prove_it_is_theirs(Context& context, const store::Password& there, const std::string& typed) {
  store::Passwords passwords(context.database);
  const auto locked = passwords.is_locked(there.id, context.now);
  if (!locked) return std::unexpected(locked.error());
  if (*locked) {
    return fail("too many passwords were wrong, and none is looked at now: try again in {} minutes",
                store::Passwords::kLockedFor / 60);
  }
  const auto right = auth::can_be_password(typed) ? auth::is_password(there.hash, typed) : Result<bool>(false);
  if (!right) return std::unexpected(right.error());
  const auto noted = context.database.change_here(
      [&] { return *right ? passwords.forget_failures(there.id) : passwords.note_failure(there.id, context.now); });
  if (!noted) return noted;
  return *right ? Result<>{} : fail("this is not the password you have");
}

}  // namespace

Result<Answer> own_password(Context& context, const Arguments& arguments) {
  const auto before = who_has_a_password(context);
  if (!before) return std::unexpected(before.error());
  if (!arguments.given("PASSWORD")) {
    return fail("give -, and on standard input the password you have and, on the next line, the new one");
  }
  const auto typed = typed_on_standard_input(context);
  if (!typed) return std::unexpected(typed.error());
  if (auto proven = prove_it_is_theirs(context, before->there, typed->before); !proven) {
    return std::unexpected(proven.error());
  }
  const auto next = hashed_password(typed->next);
  if (!next) return std::unexpected(next.error());
  auto answer = context.database.change([&]() -> Result<Answer> {
    const auto now = who_has_a_password(context);
    if (!now) return std::unexpected(now.error());
    const auto user = now->own.who.user;
    const auto is_it = now->there.hash == before->there.hash;
    const auto changed = is_it
                             ? store::Passwords(context.database).replace(user, now->there.id, next->hash, context.now)
                             : Result<bool>(false);
    if (!changed) return std::unexpected(changed.error());
    if (!*changed) return fail("your password has changed meanwhile: try again");
    if (auto written = write_audit(context, "me password", now->own.who.name); !written) {
      return std::unexpected(written.error());
    }
    return Answer{Sentence{"you have the new password now; your other sessions end"}, now->own.who.name};
  });
  if (answer) {
    answer->effects = {.ends = other_sessions(context, before->own), .end = {Reason::ended_by_user, {}, {}}};
  }
  return answer;
}

}  // namespace bastion::admin
