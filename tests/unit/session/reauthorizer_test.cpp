#include "bastion/session/reauthorizer.h"

#include <doctest/doctest.h>

#include <memory>
#include <utility>
#include <vector>

#include "bastion/loop/loop.h"

namespace bastion::session {
namespace {

using std::chrono::milliseconds;

// A worker with sessions that count how often they were asked.
struct Workplace {
  struct Subject final : Reauthorizer::Subject {
    Subject(Workplace& at, std::optional<std::int64_t> expires) : place(at), until(expires) {
      watch.emplace(place.reauthorizer, *this, until);
    }
    std::optional<std::int64_t> recheck(std::int64_t at) override {
      ++asked;
      if (until && *until <= at) until.reset();
      if (++place.asked == place.enough) place.loop.stop();
      return until;
    }

    Workplace& place;
    std::optional<std::int64_t> until;
    int asked = 0;
    std::optional<Reauthorizer::Watch> watch;
  };

  loop::Loop loop;
  std::int64_t now = 1000;
  std::optional<std::int64_t> written;
  bool changes_all_the_time = false;
  int polls = 0;
  int enough_polls = 0;
  int asked = 0;
  int enough = 0;
  Reauthorizer reauthorizer{{.loop = loop,
                             .change =
                                 [this] {
                                   if (++polls == enough_polls) loop.stop();
                                   if (changes_all_the_time) written = polls;
                                   return std::exchange(written, std::nullopt);
                                 },
                             .clock = [this] { return now; },
                             .every = milliseconds{1}}};
  std::vector<std::unique_ptr<Subject>> sessions;

  Subject& session(std::optional<std::int64_t> until = {}) {
    return *sessions.emplace_back(std::make_unique<Subject>(*this, until));
  }
  void run_until_asked(int times) {
    asked = 0;
    enough = times;
    loop.run();
    enough = 0;
  }
  // Long enough for whatever is due to have happened.
  void run_some_polls() {
    asked = 0;
    enough_polls = polls + 5;
    loop.run();
  }
};

}  // namespace

TEST_CASE("reauthorizer: a change of permissions has every session looked at, once") {
  Workplace place;
  for (int i = 0; i < 1000; ++i) place.session();
  place.written = 7;
  place.run_until_asked(1000);
  for (const auto& session : place.sessions) CHECK(session->asked == 1);
  place.run_some_polls();
  CHECK(place.asked == 0);
}

TEST_CASE("reauthorizer: writing that changes nobody's permissions concerns nobody") {
  Workplace place;
  place.session();
  place.written = 7;
  place.run_until_asked(1);
  place.written = 7;
  place.run_some_polls();
  CHECK(place.asked == 0);
  place.written = 8;
  place.run_until_asked(1);
}

TEST_CASE("reauthorizer: the sessions are looked at a few at a time, and a new change has another round follow") {
  Workplace place;
  for (int i = 0; i < 1000; ++i) place.session();
  place.written = 1;
  place.run_until_asked(100);  // stops the loop at the end of this turn
  CHECK(place.asked < 1000);
  place.written = 2;
  place.run_until_asked(1000);
  place.run_some_polls();
  for (const auto& session : place.sessions) CHECK(session->asked >= 1);
  CHECK(place.sessions.front()->asked == 2);
}

TEST_CASE("reauthorizer: where something changes all the time, everybody is looked at all the same") {
  Workplace place;
  for (int i = 0; i < 1000; ++i) place.session();
  place.changes_all_the_time = true;
  place.run_until_asked(4000);
  CHECK(place.sessions.back()->asked >= 3);
  CHECK(place.sessions.front()->asked <= 5);
}

TEST_CASE("reauthorizer: all are looked at again when somebody says so") {
  Workplace place;
  for (int i = 0; i < 200; ++i) place.session();
  place.loop.post([&] { place.reauthorizer.look_again(); });
  place.run_until_asked(200);
  for (const auto& session : place.sessions) CHECK(session->asked == 1);
  place.run_some_polls();
  CHECK(place.asked == 0);
}

TEST_CASE("reauthorizer: what expires is looked at then, without anybody's change") {
  Workplace place;
  place.session();
  place.session(1010);
  auto& late = place.session(2000);
  place.run_some_polls();
  CHECK(place.asked == 0);
  place.now = 1010;
  place.run_until_asked(3);
  place.run_some_polls();
  CHECK(place.asked == 0);
  place.now = 2000;
  place.run_until_asked(3);
  CHECK_FALSE(late.until);
}

TEST_CASE("reauthorizer: a session that has gone is not asked any more, also in the middle of a round") {
  Workplace place;
  for (int i = 0; i < 1000; ++i) place.session();
  place.written = 1;
  place.run_until_asked(100);
  const int asked = place.asked;
  place.sessions.resize(500);
  place.run_until_asked(500 - asked);
  place.run_some_polls();
  CHECK(place.asked == 0);
}

TEST_CASE("reauthorizer: without sessions nothing is polled") {
  Workplace place;
  place.session();
  place.run_some_polls();
  place.sessions.clear();
  const int polls = place.polls;
  loop::Timer end(place.loop, [&] { place.loop.stop(); });
  end.start(milliseconds{5});
  place.loop.run();
  CHECK(place.polls == polls);
}

}  // namespace bastion::session
