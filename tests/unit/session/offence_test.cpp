#include "bastion/session/offence.h"

#include <doctest/doctest.h>

namespace bastion::session {

TEST_CASE("offence: what is held against a source, by how the connection ended") {
  struct Row {
    Reason end;
    Conduct conduct;
    std::optional<Offence> offence;
  };
  constexpr Conduct kSilent{};
  constexpr Conduct kTried{.has_tried = true};
  constexpr Conduct kTriedNobody{.has_tried = true, .names_nobody = true};
  constexpr Conduct kSpeaksAnother{.speaks_another = true};
  const Row rows[] = {
      {Reason::client_vanished, kSilent, Offence::noauth},
      {Reason::client_vanished, kTried, Offence::authfail},
      {Reason::client_vanished, kTriedNobody, Offence::invaliduser},
      {Reason::too_many_attempts, kTried, Offence::max_auth_tries},
      {Reason::too_many_attempts, kTriedNobody, Offence::max_auth_tries},
      {Reason::login_grace_expired, kSilent, Offence::grace_exceeded},
      {Reason::no_version_line, kSilent, Offence::noauth},
      {Reason::made_room, kSilent, Offence::noauth},
      {Reason::made_room, kTried, Offence::authfail},
      {Reason::too_many_rsa_signatures, kSilent, Offence::noauth},
      {Reason::client_broke_protocol, kSilent, Offence::crash},
      {Reason::client_broke_protocol, kSpeaksAnother, Offence::noauth},
      {Reason::shutdown, kTried, std::nullopt},
      {Reason::database_unreadable, kTried, std::nullopt},
  };
  for (const auto& row : rows) {
    CAPTURE(code_of(row.end));
    CHECK(offence_of(row.end, row.conduct) == row.offence);
  }
}

TEST_CASE("offence: each has a code that is read back") {
  using enum Offence;
  for (const auto offence : {noauth, authfail, invaliduser, max_auth_tries, grace_exceeded, crash}) {
    CHECK(offence_of(code_of(offence)) == offence);
  }
  CHECK_FALSE(offence_of(std::string_view("banned")));
}

}  // namespace bastion::session
