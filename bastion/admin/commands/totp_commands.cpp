#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/commands/qr_code.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/auth/one_time_code.h"
#include "store/second_factors.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kNarrowest = 80;

// What is made for somebody, who sees it once.
struct NewCodes {
  ByteVector secret;
  std::vector<std::string> recovery;
};

Result<NewCodes> new_codes() {
  auto secret = auth::new_secret();
  if (!secret) return std::unexpected(std::move(secret.error()));
  auto recovery = auth::new_recovery_codes();
  if (!recovery) return std::unexpected(std::move(recovery.error()));
  return NewCodes{.secret = *std::move(secret), .recovery = *std::move(recovery)};
}

// In a fleet the key came to each bastion with its own ones. Where it did not, codes that this one seals would be wrong
// at the others.
Result<SealingKey> sealing_key_of_all(Context& context, store::SecondFactors& factors) {
  auto key = context.sealing_key();
  if (!key) return key;
  const auto other = factors.any();
  if (!other) return std::unexpected(other.error());
  if (*other && !key->has_sealed((*other)->secret)) {
    return fail(
        "the secrets that are there were sealed with another key than this bastion has: copy identity/seal from the "
        "state directory of the bastion where they were made, and restart this one");
  }
  return key;
}

Result<> store_codes(Context& context, const store::User& user, const NewCodes& codes) {
  store::SecondFactors factors(context.database);
  const auto there = factors.of_user(user.id);
  if (!there) return std::unexpected(there.error());
  if (*there) {
    return fail("user {} has one-time codes already: `totp reset {}` takes them away, and then they can get new ones",
                user.name, user.name);
  }
  const auto key = sealing_key_of_all(context, factors);
  if (!key) return std::unexpected(key.error());
  const auto sealed = key->seal(codes.secret, user.name);
  if (!sealed) return std::unexpected(sealed.error());
  std::vector<ByteVector> hashes;
  for (const auto& code : codes.recovery) hashes.push_back(auth::hash_of_recovery_code(code));
  return factors.enroll(user.id, *sealed, hashes, context.now);
}

Result<Answer> as_page(const std::string& user, const std::string& uri, const NewCodes& codes,
                       const OutputFormat& format) {
  const auto drawn = qr_code(uri, format);
  if (!drawn) return std::unexpected(drawn.error());
  Lines lines{.name = "totp", .lines = *drawn};
  auto& page = lines.lines;
  page.insert(page.end(),
              {"", "For the phone of " + user + ", if its camera does not do: " + auth::base32(codes.secret), uri, "",
               "Recovery codes, each of which stands once in the place of a code:"});
  for (std::size_t i = 0; i + 1 < codes.recovery.size(); i += 2) {
    page.push_back(fmt::format("  {}   {}", codes.recovery[i], codes.recovery[i + 1]));
  }
  page.insert(page.end(), {"", "Nothing of this is shown again."});
  return Answer{std::move(lines), user};
}

Cell state_of(const store::SecondFactor& factor) {
  if (!factor.enrolled_at) return "none";
  return factor.last_step == 0 ? "never used" : "used";
}

// Steps are of 30 seconds.
Cell last_used(const store::SecondFactor& factor) {
  if (factor.last_step == 0) return nullptr;
  return timestamp_cell(factor.last_step * 30);
}

}  // namespace

Result<Answer> totp_enroll(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  if (context.format.columns > 0 && context.format.columns < kNarrowest) {
    return fail("a QR code needs a terminal of {} columns, and this one has {}", kNarrowest, context.format.columns);
  }
  const auto codes = new_codes();
  if (!codes) return std::unexpected(codes.error());
  if (auto stored = store_codes(context, *user, *codes); !stored) return std::unexpected(stored.error());
  const auto uri = auth::uri_of(codes->secret, arguments.optional("--issuer").value_or("bastion"), user->name);
  if (!context.is_for_programs) return as_page(user->name, uri, *codes, context.format);
  return Answer{Record{{{"user", Cell(user->name)},
                        {"uri", Cell(uri)},
                        {"secret", Cell(auth::base32(codes->secret))},
                        {"recovery_codes", Cell(codes->recovery)}}},
                user->name};
}

Result<Answer> totp_reset(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  const auto gone = store::SecondFactors(context.database).reset(user->id);
  if (!gone) return std::unexpected(gone.error());
  if (!*gone) return fail("user {} has no one-time codes", user->name);
  return Answer{Sentence{fmt::format("user {} has no one-time codes any more; sessions that were begun with them end",
                                     user->name)},
                user->name};
}

Result<Answer> totp_show(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  store::SecondFactors factors(context.database);
  const auto all = factors.all();
  if (!all) return std::unexpected(all.error());
  store::SecondFactor factor{.user = user->name};
  for (const auto& one : *all) {
    if (one.user == user->name) factor = one;
  }
  return Answer{Record{{{"user", Cell(factor.user)},
                        {"state", state_of(factor)},
                        {"enrolled", timestamp_cell(factor.enrolled_at)},
                        {"last_code", last_used(factor)},
                        {"recovery_codes_left", Cell(factor.recovery_codes)}}}};
}

Result<Answer> totp_list(Context& context, const Arguments& /*arguments*/) {
  const auto all = store::SecondFactors(context.database).all();
  if (!all) return std::unexpected(all.error());
  Table table{{"user", "state", "enrolled", "last_code", "recovery_codes_left"}, {}, "nobody has one-time codes"};
  for (const auto& one : *all) {
    table.rows.push_back(
        {one.user, state_of(one), timestamp_cell(one.enrolled_at), last_used(one), one.recovery_codes});
  }
  return Answer{std::move(table)};
}

}  // namespace bastion::admin
