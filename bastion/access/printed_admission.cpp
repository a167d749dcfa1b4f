#include "bastion/access/printed_admission.h"

#include <utility>

#include "bastion/access/certificate.h"
#include "bastion/base/wire_format.h"

namespace bastion::access {
namespace {

std::unexpected<End> unreadable_because(const Error& why) {
  return std::unexpected(End{Reason::internal, {}, why.text});
}

std::optional<std::shared_ptr<const Printed>> printed_as(const PrintedKey* line, PublicKey shown) {
  if (line == nullptr) return std::nullopt;
  return std::make_shared<const Printed>(Printed{.line = *line, .shown = std::move(shown)});
}

store::EnrolledKey enrolled_as(const store::User& user, const PrintedKey& line, bool is_revoked) {
  return store::enrolled_key(user, {.blob = line.key.blob,
                                    .fingerprint = line.fingerprint,
                                    .comment = {},
                                    .options = line.options,
                                    .is_revoked = is_revoked});
}

}  // namespace

std::optional<std::shared_ptr<const Printed>> printed_for(const PrintedKeys& keys, const PublicKey& shown) {
  return printed_as(keys.find(shown), shown);
}

std::optional<std::shared_ptr<const Printed>> printed_for(const PrintedKeys& keys,
                                                          const transport::UserCertificate& shown) {
  return printed_as(keys.find(shown.ca), {.type = std::string(WireReader(shown.blob).text()), .blob = shown.blob});
}

std::expected<Identity, End> admission(store::Revocations& revocations, const store::User& user,
                                       const std::shared_ptr<const Printed>& printed, const Circumstances& there,
                                       const Defaults& defaults) {
  const auto revoked = revocations.is_revoked(printed->line.key.blob);
  if (!revoked) return unreadable_because(revoked.error());
  auto who = admission(enrolled_as(user, printed->line, *revoked), there, defaults);
  if (who) std::get<KeyCredential>(who->credential).printed = printed;
  return who;
}

std::expected<Identity, End> admission(store::Revocations& revocations, const store::User& user,
                                       const std::shared_ptr<const Printed>& printed,
                                       const transport::UserCertificate& certificate, const Circumstances& there,
                                       const Defaults& defaults) {
  const auto revoked = revocations.is_revoked(revocable(certificate));
  if (!revoked) return unreadable_because(revoked.error());
  auto who = admission(
      {.user = user, .ca = std::nullopt, .own = enrolled_as(user, printed->line, *revoked), .is_revoked = *revoked},
      certificate, there, defaults);
  if (who) std::get<CertificateCredential>(who->credential).printed = printed;
  return who;
}

std::expected<store::User, End> still_there(store::Users& users, const Identity& who) {
  auto user = users.find(who.name);
  if (!user) return unreadable_because(user.error());
  if (!*user || (*user)->id != who.user) return std::unexpected(End{Reason::user_removed, {}, {}});
  return **std::move(user);
}

}  // namespace bastion::access
