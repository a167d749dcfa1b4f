#include "bastion/base/reason.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>
#include <string>

namespace bastion {

TEST_CASE("every reason has one row: a code of its own, and text without leftovers") {
  std::set<std::string_view> codes;
  for (int number = 0; number <= static_cast<int>(Reason::internal); ++number) {
    const auto reason = static_cast<Reason>(number);
    const auto code = code_of(reason);
    CAPTURE(code);
    CHECK(code.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
    CHECK(codes.insert(code).second);
    const auto sentence = sentence_of({reason, "web", "secret detail"});
    CHECK(sentence.find_first_of("{}\n") == std::string::npos);
    CHECK(sentence.find("secret") == std::string::npos);
  }
}

TEST_CASE("a stranger is told nothing") {
  for (const auto reason :
       {Reason::client_vanished, Reason::client_broke_protocol, Reason::too_many_attempts, Reason::login_grace_expired,
        Reason::no_version_line, Reason::made_room, Reason::too_many_rsa_signatures}) {
    CHECK(sentence_of({reason, "web", "detail"}).empty());
  }
}

TEST_CASE("what is ours is not blamed on a backend") {
  CHECK(sentence_of({Reason::database_busy, {}, "be1"}) == "the bastion's database is busy; log in again in a moment");
  for (const auto reason :
       {Reason::database_busy, Reason::database_unreadable, Reason::bastion_exhausted, Reason::own_key_unusable}) {
    CHECK(sentence_of({reason, "be1", {}}).starts_with("the bastion"));
  }
}

TEST_CASE("what the other machine has said stands in the sentence where there is room for it") {
  End end{Reason::container_refused_account, "web", "as alice"};
  CHECK(sentence_of(end) == "container web refuses the account there; tell your administrator");
  end.said = "{} is closed";
  CHECK(sentence_of(end) ==
        "container web refuses the account there and says \"{} is closed\"; tell your administrator");
  end.reason = Reason::container_unreachable;
  CHECK(sentence_of(end) == "container web is unreachable; is it running?");
}

TEST_CASE("an administrator is not told to ask one") {
  for (int number = 0; number <= static_cast<int>(Reason::internal); ++number) {
    const End end{static_cast<Reason>(number), "web", "detail"};
    CAPTURE(code_of(end.reason));
    CHECK_FALSE(full_text_of(end).contains("tell your administrator"));
    CHECK_FALSE(full_text_of(end).contains("ask your administrator"));
    CHECK(sentence_of(end).starts_with(statement_of(end)));
  }
  CHECK(full_text_of({Reason::backend_key_changed, "be1", "expected A, got B"}) ==
        "the host key of backend be1 has changed: expected A, got B");
}

TEST_CASE("nothing that another machine has said ends the sentence before its end") {
  for (const auto* const said : {"no; tell your administrator", "; ask your administrator why"}) {
    const End end{Reason::backend_refused_account, "be1", {}, said};
    CHECK(statement_of(end) == fmt::format("backend be1 refuses the bastion's account and says \"{}\"", said));
  }
  CHECK(statement_of({Reason::backend_unreachable, "x; tell your administrator or not", {}}) ==
        "backend x; tell your administrator or not is unreachable");
  CHECK(statement_of({Reason::container_not_found, "x; tell your administrator", {}}) ==
        "you have no container named x; tell your administrator");
}

TEST_CASE("the subject stands in the sentence") {
  CHECK(sentence_of({Reason::backend_unreachable, "be1", {}}) == "backend be1 is unreachable");
  CHECK(sentence_of({Reason::container_not_found, "{}", {}}) == "you have no container named {}");
}

}  // namespace bastion
