// Somebody comes with the word of an invitation in the place of a name.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "bastion/access/invitation.h"
#include "bastion/access/lookup.h"
#include "bastion/loop/loop.h"
#include "bastion/session/stranger.h"
#include "bastion/transport/keys.h"

namespace bastion::session {
namespace {

constexpr std::string_view kNotGood =
    "This invitation is not good, or not any more: it was used, taken back, or is over. Ask your administrator for "
    "another one.\r\n";

std::string what_happens(const std::string& user) {
  return fmt::format(
      "This is an invitation for {}: the first key that you show is enrolled for that account. If you are refused, "
      "you have none: make one with `ssh-keygen -t ed25519`, and come again.\r\n",
      user);
}

}  // namespace

// Once on each connection, before the answer to whatever is asked first.
void Stranger::tell_of_invitation(const std::string& word, auth::Attempt& attempt) {
  if (std::exchange(is_told_of_invitation_, true)) return;
  const auto user = place_.lookup.invites(access::hash_of_invitation(word));
  attempt.say(user ? what_happens(*user) : std::string(kNotGood));
}

// A key alone: what a certificate shows is known of its user without an invitation.
Task<std::optional<access::Identity>> Stranger::whom_invitation_lets_in(const std::string& word,
                                                                        auth::Attempt& attempt) {
  const auto* const shown = attempt.key();
  if (shown == nullptr) co_return std::nullopt;
  const auto hash = access::hash_of_invitation(word);
  auto invited = place_.lookup.invited(hash, *shown, arrival_.from_host);
  if (!invited) undecided_ = unreadable(invited.error());
  if (!invited || !*invited || !attempt.satisfies((*invited)->policy) || !attempt.holds()) co_return std::nullopt;
  if (attempt.is_question()) co_return **std::move(invited);
  Invitations::Taken taken{.hash = hash, .key = *shown, .from_host = arrival_.from_host, .session = arrival_.id};
  const auto user = co_await place_.invitations.take(place_.loop, std::move(taken));
  if (!user) undecided_ = unreadable(user.error());
  if (!user || !*user) co_return std::nullopt;
  auto identity = place_.lookup.accepted(**user, *shown, arrival_.from_host);
  if (!identity) undecided_ = unreadable(identity.error());
  if (!identity || !*identity) co_return std::nullopt;
  in_place_of_a_session_ = End{.reason = Reason::invitation_taken,
                               .subject = transport::fingerprint(shown->blob),
                               .detail = {},
                               .since = **user};
  co_return **std::move(identity);
}

}  // namespace bastion::session
