#include "bastion/admin/commands/given_password.h"

#include <string>
#include <utility>

#include "bastion/auth/password.h"
#include "bastion/auth/password_hash.h"
#include "store/passwords.h"

namespace bastion::admin {
namespace {

// One line, without its end.
Result<std::optional<NewPassword>> password_on_standard_input(const Context& context) {
  auto text = context.read_input();
  if (!text) return std::unexpected(std::move(text.error()));
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (const auto why = auth::objection_to_password(*text)) return fail("standard input: {}", why->text);
  return hashed_password(*std::move(text));
}

}  // namespace

Result<NewPassword> hashed_password(std::string text) {
  auto hash = auth::hash_of_password(text);
  if (!hash) return std::unexpected(std::move(hash.error()));
  return NewPassword{.text = std::move(text), .hash = *std::move(hash)};
}

Result<std::optional<NewPassword>> typed_password(const Context& context, const Arguments& arguments) {
  if (!arguments.given("--password")) return std::nullopt;
  return password_on_standard_input(context);
}

Result<std::optional<NewPassword>> typed_or_made_password(const Context& context, const Arguments& arguments) {
  if (arguments.given("PASSWORD")) return password_on_standard_input(context);
  auto made = auth::new_password();
  if (!made) return std::unexpected(std::move(made.error()));
  auto password = hashed_password(*std::move(made));
  if (!password) return std::unexpected(std::move(password.error()));
  password->is_made = true;
  return *std::move(password);
}

Result<> store_password(Context& context, std::int64_t user, const NewPassword& password, bool keeps) {
  const auto set = store::Passwords(context.database).set(user, password.hash, !keeps, context.now);
  return set ? Result<>{} : std::unexpected(set.error());
}

}  // namespace bastion::admin
