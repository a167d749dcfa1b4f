#include "bastion/upstream/silence.h"

#include <doctest/doctest.h>

namespace bastion::upstream {
namespace {

using Verdict = Silence::Verdict;

}  // namespace

TEST_CASE("silence: a peer that answers is asked for ever") {
  Silence silence(1);
  for (std::uint64_t heard = 1; heard < 100; ++heard) {
    CHECK(silence.tick({.peer = heard}) == Verdict::fine);
    CHECK(silence.tick({.peer = heard}) == Verdict::ask);
  }
}

TEST_CASE("silence: a peer that answers nothing is given up two intervals after as many questions as it was asked") {
  Silence silence(3);
  CHECK(silence.tick({.peer = 1}) == Verdict::fine);  // the byte came right behind the tick before
  for (int question = 0; question < 3; ++question) CHECK(silence.tick({.peer = 1}) == Verdict::ask);
  CHECK(silence.tick({.peer = 1}) == Verdict::give_up);
}

TEST_CASE("silence: one answer is enough to begin anew") {
  Silence silence(2);
  CHECK(silence.tick({.peer = 0}) == Verdict::ask);
  CHECK(silence.tick({.peer = 0}) == Verdict::ask);
  CHECK(silence.tick({.peer = 1}) == Verdict::fine);
  CHECK(silence.tick({.peer = 1}) == Verdict::ask);
}

TEST_CASE("silence: whoever is behind a silent carrier is not given up before it") {
  Silence silence(2);
  CHECK(silence.tick({.peer = 1, .carrier = 10}) == Verdict::fine);
  CHECK(silence.tick({.peer = 1, .carrier = 20}) == Verdict::ask);
  CHECK(silence.tick({.peer = 1, .carrier = 30}) == Verdict::ask_carrier_too);
  for (int tick = 0; tick < 10; ++tick) CHECK(silence.tick({.peer = 1, .carrier = 30}) == Verdict::fine);
}

TEST_CASE("silence: whoever is silent behind a carrier that answers is given up") {
  Silence silence(2);
  CHECK(silence.tick({.peer = 1, .carrier = 10}) == Verdict::fine);
  CHECK(silence.tick({.peer = 1, .carrier = 10}) == Verdict::ask);
  CHECK(silence.tick({.peer = 1, .carrier = 10}) == Verdict::ask_carrier_too);
  CHECK(silence.tick({.peer = 1, .carrier = 11}) == Verdict::give_up);
}

TEST_CASE("silence: while nobody listens, nothing is held against the peer") {
  Silence silence(1);
  CHECK(silence.tick({.peer = 0}) == Verdict::ask);
  silence.forgive();
  CHECK(silence.tick({.peer = 0}) == Verdict::ask);
  CHECK(silence.tick({.peer = 0}) == Verdict::give_up);
}

}  // namespace bastion::upstream
