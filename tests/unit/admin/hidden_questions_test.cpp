#include "bastion/admin/hidden_questions.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion::admin {
namespace {

using State = HiddenQuestions::State;

struct Asked {
  HiddenQuestions questions{{"Old: ", "New: "}, 80};
  std::string printed = questions.draw();

  std::string type(std::string_view keys) {
    printed += questions.type(keys);
    return std::string(keys);
  }
};

}  // namespace

TEST_CASE("hidden questions: one after the other, and nothing of the answers is shown") {
  Asked asked;
  CHECK(asked.type("one\r").empty());
  CHECK(asked.questions.state() == State::asking);
  // In pieces, with a mistake, and with what was typed behind the last one left alone.
  CHECK(asked.type("tx").empty());
  CHECK(asked.type("\x7fwo\rwhoami\r") == "whoami\r");
  CHECK(asked.questions.state() == State::answered);
  CHECK(asked.questions.answers() == "one\ntwo\n");
  CHECK(asked.printed.contains("Old: "));
  CHECK(asked.printed.contains("New: "));
  CHECK_FALSE(asked.printed.contains("one"));
  CHECK_FALSE(asked.printed.contains("t"));
}

TEST_CASE("hidden questions: a paste is an answer, and Ctrl-C is none") {
  Asked asked;
  CHECK(asked.type("\x1b[200~a b\x1b[201~\r").empty());
  CHECK(asked.questions.answers() == "a b\n");
  CHECK(asked.type("x\x03more") == "more");
  CHECK(asked.questions.state() == State::given_up);
  Asked other;
  CHECK(other.type("\x04").empty());
  CHECK(other.questions.state() == State::given_up);
}

}  // namespace bastion::admin
