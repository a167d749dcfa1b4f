#include "bastion/session/offence.h"

#include <algorithm>
#include <array>

namespace bastion::session {
namespace {

struct OffenceRow {
  Offence offence;
  std::string_view code;
};
constexpr std::array<OffenceRow, 6> kOffences{{
    {Offence::noauth, "noauth"},
    {Offence::authfail, "authfail"},
    {Offence::invaliduser, "invaliduser"},
    {Offence::max_auth_tries, "max_auth_tries"},
    {Offence::grace_exceeded, "grace_exceeded"},
    {Offence::crash, "crash"},
}};

Offence by_conduct(const Conduct& conduct) {
  if (!conduct.has_tried) return Offence::noauth;
  return conduct.names_nobody ? Offence::invaliduser : Offence::authfail;
}

}  // namespace

std::string_view code_of(Offence offence) { return std::ranges::find(kOffences, offence, &OffenceRow::offence)->code; }

std::optional<Offence> offence_of(std::string_view code) {
  const auto* const found = std::ranges::find(kOffences, code, &OffenceRow::code);
  return found == kOffences.end() ? std::nullopt : std::optional(found->offence);
}

std::optional<Offence> offence_of(Reason end, const Conduct& conduct) {
  switch (end) {
    case Reason::client_broke_protocol: return conduct.speaks_another ? by_conduct(conduct) : Offence::crash;
    case Reason::too_many_attempts: return Offence::max_auth_tries;
    case Reason::login_grace_expired: return Offence::grace_exceeded;
    case Reason::client_vanished:
    case Reason::no_version_line:
    case Reason::too_many_rsa_signatures:
    case Reason::made_room: return by_conduct(conduct);
    default: return std::nullopt;
  }
}

}  // namespace bastion::session
