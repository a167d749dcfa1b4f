#include "bastion/monitor/elsewhere.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion::monitor {
namespace {

using Samples = metrics::Samples;

Elsewhere::Told told(const std::string& id, Samples samples, std::map<std::string, Samples> others = {}) {
  return Report{id, std::move(samples), std::move(others)};
}

const Elsewhere::Told kSilence = std::nullopt;

}  // namespace

TEST_CASE("elsewhere: what others have counted and carry is added up") {
  Elsewhere elsewhere("me");
  CHECK(elsewhere.sum().empty());
  elsewhere.take(
      {told("a", {{"logins_total", 3}, {"sessions", 2}}), told("b", {{"logins_total", 4}, {"sessions", 1}})});
  CHECK(elsewhere.sum() == Samples{{"logins_total", 7}, {"sessions", 3}});
  CHECK(elsewhere.there() == 2);
  CHECK(elsewhere.silent() == 0);
}

TEST_CASE("elsewhere: who has ended carries nothing, and what it has counted stays") {
  Elsewhere elsewhere("me");
  elsewhere.take({told("a", {{"logins_total", 3}, {"sessions", 2}})});
  elsewhere.take_last("a", {{"logins_total", 5}, {"sessions", 0}});
  CHECK(elsewhere.sum() == Samples{{"logins_total", 5}});
  elsewhere.take({});
  CHECK(elsewhere.sum() == Samples{{"logins_total", 5}});
  CHECK(elsewhere.there() == 0);
}

TEST_CASE("elsewhere: who does not answer is there, carries nothing that is known, and counts as before") {
  Elsewhere elsewhere("me");
  elsewhere.take({told("a", {{"logins_total", 3}, {"sessions", 2}}), kSilence});
  elsewhere.take({kSilence, told("b", {{"logins_total", 1}})});
  CHECK(elsewhere.sum() == Samples{{"logins_total", 4}});
  CHECK(elsewhere.there() == 2);
  CHECK(elsewhere.silent() == 1);
  elsewhere.take({told("a", {{"logins_total", 3}, {"sessions", 2}})});
  CHECK(elsewhere.sum() == Samples{{"logins_total", 4}, {"sessions", 2}});
}

TEST_CASE("elsewhere: who counts nothing is there, and does not keep silent") {
  Elsewhere elsewhere("me");
  elsewhere.take({told("", {{"n_total", 1}})});
  CHECK(elsewhere.sum().empty());
  CHECK(elsewhere.there() == 1);
  CHECK(elsewhere.silent() == 0);
}

TEST_CASE("elsewhere: nobody is counted twice, whoever tells of whom") {
  Elsewhere second("second");
  second.take({told("first", {{"n_total", 10}})});
  Elsewhere third("third");
  // The first one has ended by now, or has not; the second has heard of the third too.
  third.take({told("second", {{"n_total", 2}}, {{"first", {{"n_total", 10}}}, {"third", {{"n_total", 99}}}})});
  CHECK(third.sum() == Samples{{"n_total", 12}});
  third.take({told("first", {{"n_total", 11}}), told("second", {{"n_total", 2}}, second.counted())});
  CHECK(third.sum() == Samples{{"n_total", 13}});
  third.take_last("first", {{"n_total", 11}});
  third.take({told("second", {{"n_total", 3}}, second.counted())});
  CHECK(third.sum() == Samples{{"n_total", 14}});
  CHECK(third.counted().at("first").at("n_total") == 11);
}

TEST_CASE("elsewhere: of however many that have ended, the sum stays and room is bounded") {
  Elsewhere elsewhere("me");
  const auto many = static_cast<int>(3 * Elsewhere::kMostEnded);
  for (int i = 0; i < many; ++i) elsewhere.take({told("g" + std::to_string(i), {{"n_total", 1}, {"sessions", 1}})});
  CHECK(elsewhere.sum() == Samples{{"n_total", static_cast<double>(many)}, {"sessions", 1}});
  CHECK(elsewhere.counted().size() <= Elsewhere::kMostEnded + 1);
  Elsewhere next("next");
  next.take({told("me", {}, elsewhere.counted())});
  CHECK(next.sum() == Samples{{"n_total", static_cast<double>(many)}});
}

}  // namespace bastion::monitor
