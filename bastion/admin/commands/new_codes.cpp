#include "bastion/admin/commands/new_codes.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/auth/one_time_code.h"
#include "bastion/base/qr_code.h"
#include "store/second_factors.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kNarrowest = 80;

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

Result<Answer> as_page(const std::string& user, const std::string& uri, const NewCodes& codes,
                       const OutputFormat& format) {
  const auto drawn = qr_code(uri, format.coloured ? QrColours::of_its_own : QrColours::of_the_terminal);
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

}  // namespace

Result<NewCodes> new_codes() {
  auto secret = auth::new_secret();
  if (!secret) return std::unexpected(std::move(secret.error()));
  auto recovery = auth::new_recovery_codes();
  if (!recovery) return std::unexpected(std::move(recovery.error()));
  return NewCodes{.secret = *std::move(secret), .recovery = *std::move(recovery)};
}

Result<> store_codes(Context& context, const store::User& user, const NewCodes& codes, Codes how) {
  store::SecondFactors factors(context.database);
  const auto key = sealing_key_of_all(context, factors);
  if (!key) return std::unexpected(key.error());
  const auto sealed = key->seal(codes.secret, user.name);
  if (!sealed) return std::unexpected(sealed.error());
  std::vector<ByteVector> hashes;
  for (const auto& code : codes.recovery) hashes.push_back(auth::hash_of_recovery_code(code));
  return how == Codes::first ? factors.enroll(user.id, *sealed, hashes, context.now)
                             : factors.replace(user.id, *sealed, hashes, context.now);
}

Result<> must_fit(const Context& context) {
  if (context.format.columns == 0 || context.format.columns >= kNarrowest) return {};
  return fail("a QR code needs a terminal of {} columns, and this one has {}", kNarrowest, context.format.columns);
}

Result<Answer> shown_once(const Context& context, const std::string& user, const std::string& issuer,
                          const NewCodes& codes) {
  if (auto fits = must_fit(context); !fits) return std::unexpected(fits.error());
  const auto uri = auth::uri_of(codes.secret, issuer, user);
  if (!context.is_for_programs) return as_page(user, uri, codes, context.format);
  return Answer{Record{{{"user", Cell(user)},
                        {"uri", Cell(uri)},
                        {"secret", Cell(auth::base32(codes.secret))},
                        {"recovery_codes", Cell(codes.recovery)}}},
                user};
}

}  // namespace bastion::admin
