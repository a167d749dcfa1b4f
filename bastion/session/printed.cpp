// What no key of the directory does, one that a program prints may (auth/external_keys.h).
#include <utility>

#include "bastion/access/lookup.h"
#include "bastion/session/stranger.h"

namespace bastion::session {

// A name that nobody has, or somebody who may not come in, costs as long and is answered alike.
Task<std::optional<access::Identity>> Stranger::whom_printed_keys_let_in(const std::string& user,
                                                                         auth::Attempt& attempt) {
  const auto shown = attempt.shown();
  if (place_.external_keys == nullptr || !shown) co_return std::nullopt;
  const auto somebody = place_.lookup.may_have_printed_keys(user);
  auth::ExternalKeys::Asked asked{.user = somebody.value_or(user),
                                  .shown = *shown,
                                  .from_host = arrival_.from_host,
                                  .is_somebody = somebody.has_value()};
  const auto printed = co_await place_.external_keys->ask(place_.loop, std::move(asked));
  if (!printed) undecided_ = End{Reason::keys_not_printed, {}, printed.error().text};
  if (!printed || !somebody) co_return std::nullopt;
  auto identity = attempt.identity(place_.lookup, *somebody, arrival_.from_host, **printed);
  co_return further(std::move(identity), attempt);
}

}  // namespace bastion::session
