#include "bastion/admin/manifest/administrators.h"

#include <optional>
#include <utility>

#include "bastion/access/admission.h"
#include "bastion/access/certificate.h"
#include "bastion/access/principals.h"
#include "store/cas.h"
#include "store/database.h"
#include "store/keys.h"
#include "store/passwords.h"
#include "store/revocations.h"
#include "store/second_factors.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

// All that somebody could show. Wherever they come from: what from= says of that is theirs to know. What an account
// needs that nothing is said of is in the configuration; it is taken for one key.
class Possible {
 public:
  Possible(const store::User& user, std::int64_t now) : user_(user), there_{.from_host = {}, .now = now} {}

  void take(const store::Key& key) {
    const auto enrolled = store::enrolled_key(user_, key);
    const auto principal = access::principal_of_ca(enrolled);
    if (!principal) return take(access::admission(enrolled, there_, {}));
    take(access::admission({.user = user_, .own = enrolled, .is_revoked = key.is_revoked},
                           access::imagined_certificate(*principal), there_, {}));
  }
  void take(const store::Ca& ca, bool is_revoked) {
    const auto rules = access::parse_principals(ca.principals);
    const auto principal = rules ? access::wanted_principal(user_.name, *rules) : std::nullopt;
    if (!principal) return;
    take(access::admission({.user = user_, .ca = ca, .is_revoked = is_revoked},
                           access::imagined_certificate(*principal), there_, {}));
  }
  // A code is what they have on their phone.
  void take(const std::optional<store::Enrolment>& codes) {
    if (!codes || is_enough() || !access::needs_code(who_)) return;
    who_ = access::together(*std::move(who_), access::CodeCredential{.enrolment = codes->id});
  }
  // So is a password, whether it has to be changed first or not.
  void take(const std::optional<store::Password>& password) {
    if (password) take(access::admission(user_, *password, who_, there_, {}));
  }
  // And the issuer is somebody else's.
  void take_sign_on() {
    if (is_enough()) return;
    const access::SignOnCredential sign_on{.sign_on = 0, .signed_at = there_.now};
    if (!who_) return take(access::admission(user_, sign_on, there_, {}));
    if (access::needs_sign_on(*who_)) who_ = access::together(*std::move(who_), sign_on, std::nullopt);
  }
  [[nodiscard]] bool is_enough() const { return who_ && access::suffices(*who_); }

 private:
  void take(std::expected<access::Identity, End> now) {
    if (!now || now->policy.command || is_enough() || !access::brings_further(who_, *now)) return;
    who_ = who_ ? access::together(*who_, *std::move(now)) : *std::move(now);
  }

  const store::User& user_;
  access::Circumstances there_;
  std::optional<access::Identity> who_;
};

}  // namespace

Result<Administration> administration(store::Database& database, std::int64_t now) {
  const auto users = store::Users(database).administrators();
  if (!users) return std::unexpected(users.error());
  store::Keys keys(database);
  store::Revocations revocations(database);
  store::SecondFactors second_factors(database);
  store::Passwords passwords(database);
  const auto cas = store::Cas(database).all();
  if (!cas) return std::unexpected(cas.error());
  auto found = Administration::nobody;
  for (const auto& user : *users) {
    const auto theirs = keys.of_user(user.id);
    if (!theirs) return std::unexpected(theirs.error());
    Possible possible(user, now);
    for (const auto& key : *theirs) possible.take(key);
    for (const auto& ca : *cas) {
      const auto is_revoked = revocations.is_revoked(ca.blob);
      if (!is_revoked) return std::unexpected(is_revoked.error());
      possible.take(ca, *is_revoked);
    }
    const auto codes = second_factors.of_user(user.id);
    if (!codes) return std::unexpected(codes.error());
    const auto password = passwords.of_user(user.id);
    if (!password) return std::unexpected(password.error());
    possible.take(*password);
    possible.take(*codes);
    possible.take_sign_on();
    if (possible.is_enough()) return Administration::can_log_in;
    found = Administration::no_key;
  }
  return found;
}

Result<> keep_administration(store::Database& database, std::int64_t now, Administration before) {
  const auto after = administration(database, now);
  if (!after) return std::unexpected(after.error());
  if (*after >= before) return {};
  if (*after == Administration::nobody) return fail("no administrator would be left");
  return fail("no administrator could log in any more");
}

}  // namespace bastion::admin
