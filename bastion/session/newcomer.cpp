// Somebody without an account, with a certificate of a CA that makes one.
#include <utility>

#include "bastion/access/lookup.h"
#include "bastion/session/certificate_text.h"
#include "bastion/session/stranger.h"

namespace bastion::session {

Task<std::optional<access::Identity>> Stranger::whom_a_ca_gives_an_account(const std::string& user,
                                                                           auth::Attempt& attempt) {
  const auto* const shown = attempt.certificate();
  if (place_.new_accounts == nullptr || shown == nullptr || so_far_) co_return std::nullopt;
  auto newcomer = place_.lookup.newcomer(user, *shown, arrival_.from_host);
  if (!newcomer) undecided_ = unreadable(newcomer.error());
  if (!newcomer || !*newcomer || !attempt.satisfies((*newcomer)->policy) || !attempt.holds()) co_return std::nullopt;
  if (attempt.is_question()) co_return **std::move(newcomer);
  const auto& credential = std::get<access::CertificateCredential>((*newcomer)->credential);
  NewAccounts::Wanted wanted{.name = (*newcomer)->name,
                             .ca = credential.ca,
                             .certificate = certificate_text(**newcomer),
                             .fingerprint = credential.fingerprint,
                             .from_host = arrival_.from_host,
                             .session = arrival_.id};
  const auto made = co_await place_.new_accounts->make(place_.loop, std::move(wanted));
  if (!made) undecided_ = unreadable(made.error());
  if (!made) co_return std::nullopt;
  auto identity = place_.lookup.accepted(user, *shown, arrival_.from_host);
  co_return further(std::move(identity), attempt);
}

}  // namespace bastion::session
