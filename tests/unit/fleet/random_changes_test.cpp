#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fleet_world.h"

namespace bastion::store::fleet {
namespace {

// When the log is cut here.
constexpr Snapshots::Limits kOften{.entries = 60, .bytes = 1024 * 1024};

// All of them have come as far as the log, and are equal.
void must_be_equal(FleetWorld& world, const std::vector<std::string>& nodes) {
  std::string first;
  for (const auto& node : nodes) {
    const auto copy = world.copy(node);
    must(copy->replica.catch_up(copy->database));
    must(copy->database.check_integrity());
    const auto all = dump(copy->database);
    if (first.empty()) first = all;
    CHECK(all == first);
  }
}

// One bastion of the test below: changes whatever it likes, each time with a user whose name nobody else gives, and
// writes down what it was told of it.
void change_at_random(const std::filesystem::path& folder, const std::string& conninfo, const std::string& node,
                      unsigned seed, int changes) {
  Copy copy(folder / (node + ".db"), conninfo, node);
  std::ofstream told(folder / (node + ".told"), std::ios::app);
  std::mt19937 random(seed);
  const auto any = [&](std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random); };
  for (int n = 0; n < changes; ++n) {
    const auto mark = fmt::format("{}-{}-{}", node, seed, n);
    const auto kind = any(6);
    const auto which = any(1000);
    const auto changed = copy.database.change([&]() -> Result<> {
      auto made = copy.users.add(mark, Role::user, 1);
      if (!made) return std::unexpected(made.error());
      const auto others = must(copy.users.all());
      const auto& other = others[which % others.size()];
      if (kind == 0) {
        return copy.keys.add(other.id, {.blob = test::blob(mark), .fingerprint = mark, .comment = {}, .added_at = 1});
      }
      if (kind == 1 && other.name.starts_with("gone-")) return copy.users.remove(other.id);
      if (kind == 2) {
        auto gone = copy.users.add("gone-" + mark, Role::user, 1);
        if (!gone) return std::unexpected(gone.error());
        return copy.keys.add(*gone, {.blob = test::blob(mark), .fingerprint = mark, .comment = {}, .added_at = 1});
      }
      if (kind == 3) {
        Backend backend;
        backend.name = fmt::format("b{}", which % 7);
        backend.host = "h";
        backend.account = "hop";
        if (const auto known = must(copy.backends.find(backend.name))) return copy.backends.remove(known->id);
        auto added = copy.backends.add(backend);
        return added ? Result<>{} : std::unexpected(added.error());
      }
      if (kind == 4) return fail("changed my mind");
      return {};
    });
    const auto answer = changed                                                ? "done "
                        : changed.error().text.ends_with(ChangeLog::kNotKnown) ? "unknown "
                                                                               : "refused ";
    told << answer << mark << '\n' << std::flush;
    if (n % 8 == 7) std::ignore = copy.replica.keep_log_short(copy.database, kOften);
  }
}

pid_t start_changing(FleetWorld& world, const std::string& conninfo, const std::string& node, unsigned seed,
                     int changes) {
  const auto process = ::fork();
  REQUIRE(process >= 0);
  if (process != 0) return process;
  try {
    change_at_random(world.folder / "", conninfo, node, seed, changes);
  } catch (...) {
    std::_Exit(1);
  }
  std::_Exit(0);
}

// It has done all it was to do, or was killed.
void wait_for(pid_t process) {
  int status = 0;
  REQUIRE(::waitpid(process, &status, 0) == process);
  CHECK((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
}

using Answers = std::map<std::string, int>;

// What the bastions were told is true of their copies, which are equal. Forgets what they were told.
void must_be_as_told(FleetWorld& world, const std::vector<std::string>& nodes, Answers& answers) {
  const auto copy = world.copy(nodes.front());
  for (const auto& node : nodes) {
    std::ifstream told(world.folder / (node + ".told"));
    for (std::string answer, mark; told >> answer >> mark;) {
      ++answers[answer];
      CAPTURE(mark);
      if (answer == "done") CHECK(copy->has_user(mark));
      if (answer == "refused") CHECK_FALSE(copy->has_user(mark));
    }
    std::filesystem::remove(world.folder / (node + ".told"));
  }
}

// So that a directory to which users are added for an hour is no larger in the end.
void remove_old_users(Copy& copy) {
  constexpr std::size_t kLeft = 100;
  must(copy.database.change([&]() -> Result<> {
    const auto all = must(copy.users.all());
    for (std::size_t n = 0; n + kLeft < all.size(); ++n) must(copy.users.remove(all[n].id));
    return {};
  }));
}

}  // namespace

// BASTION_FLEET_ROUNDS and BASTION_FLEET_MINUTES: for how long; BASTION_FLEET_SEED: what happens.
TEST_CASE(
    "fleet: three bastions change at random, are cut off and killed: the copies are equal, and what was told is true") {
  const auto wanted = [](const char* name, int otherwise) {
    const char* const value = std::getenv(name);
    return value != nullptr ? std::atoi(value) : otherwise;
  };
  const auto minutes = std::chrono::minutes(wanted("BASTION_FLEET_MINUTES", 0));
  const int rounds = wanted("BASTION_FLEET_ROUNDS", minutes.count() > 0 ? 1'000'000 : 6);
  const auto seed = static_cast<unsigned>(wanted("BASTION_FLEET_SEED", 1));
  const auto end = std::chrono::steady_clock::now() + minutes;
  FleetWorld world;
  const std::vector<std::string> nodes{"one", "two", "three"};
  std::mt19937 random(seed);
  Answers answers;
  int snapshots = 0;
  int round = 0;
  for (; round < rounds && (minutes.count() == 0 || std::chrono::steady_clock::now() < end); ++round) {
    CAPTURE(round);
    std::vector<pid_t> processes;
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      const auto of_process = seed + static_cast<unsigned>(round * 10) + static_cast<unsigned>(n);
      processes.push_back(start_changing(world, world.postgres.conninfo(), nodes[n], of_process, 40));
    }
    for (int cut = 0; cut < 3; ++cut) {
      std::ignore = world.postgres.ask(
          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'bastion'");
      if (cut == 1 && round % 2 == 0) {
        world.postgres.kill();
        world.postgres.start();
      }
    }
    ::kill(processes[random() % processes.size()], SIGKILL);
    for (const auto process : processes) wait_for(process);
    // One is away for a while, and comes back behind what was cut off; and one begins anew.
    auto there = nodes;
    if (round % 4 == 3) there.emplace_back("sleeper");
    must_be_equal(world, there);
    must_be_as_told(world, nodes, answers);
    if (round % 3 == 2) world.lose(nodes[random() % nodes.size()]);
    if (round % 10 == 9) remove_old_users(*world.copy(nodes.front()));
    snapshots = std::max(snapshots, std::atoi(world.postgres.ask("SELECT max(number) FROM snapshots").c_str()));
    if (minutes.count() > 0 && round % 20 == 0) {
      MESSAGE("round ", round, ": ", answers["done"], " done, ", answers["refused"], " refused, ", answers["unknown"],
              " not known, last snapshot ", snapshots);
    }
  }
  CHECK(answers["done"] > 0);
  CHECK(answers["refused"] > 0);
  CHECK(snapshots > 0);
  MESSAGE(round, " rounds: ", answers["done"], " done, ", answers["refused"], " refused, ", answers["unknown"],
          " not known, last snapshot ", snapshots);
}

TEST_CASE(
    "fleet: the first server is killed amid changes and its standby takes over: nothing that was confirmed is lost") {
  FleetWorld world;
  test::Postgres standby(test::Postgres::StandbyOf{.primary = world.postgres});
  const auto conninfo = fmt::format("host={},{} user=bastion dbname=postgres target_session_attrs=read-write",
                                    world.postgres.host(), standby.host());
  const std::vector<std::string> nodes{"one", "two", "three"};
  std::vector<pid_t> processes;
  processes.reserve(nodes.size());
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    processes.push_back(start_changing(world, conninfo, nodes[n], static_cast<unsigned>(n), 80));
  }
  while (std::atoi(world.postgres.ask("SELECT max(number) FROM change_log").c_str()) < 40) std::this_thread::yield();
  world.postgres.crash();
  standby.promote();
  for (const auto process : processes) wait_for(process);
  processes.clear();
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    processes.push_back(start_changing(world, conninfo, nodes[n], static_cast<unsigned>(n + nodes.size()), 20));
  }
  for (const auto process : processes) wait_for(process);
  std::string first;
  for (const auto& node : nodes) {
    Copy copy(world.folder / (node + ".db"), conninfo, node);
    must(copy.replica.catch_up(copy.database));
    must(copy.database.check_integrity());
    if (first.empty()) first = dump(copy.database);
    CHECK(dump(copy.database) == first);
  }
  Answers answers;
  must_be_as_told(world, nodes, answers);
  CHECK(answers["done"] > 60);
  MESSAGE(answers["done"], " done, ", answers["refused"], " refused, ", answers["unknown"], " not known");
}

TEST_CASE("fleet: while the log is away nothing is changed, and a copy that was cut off catches up with a thousand") {
  FleetWorld world;
  const auto one = world.copy("one");
  const auto two = world.copy("two");
  must(one->add_user("alice"));
  must(two->replica.catch_up(two->database));
  world.postgres.stop();
  CHECK(refused(one->add_user("bob")).starts_with("the fleet's database cannot be reached: "));
  CHECK(one->has_user("alice"));
  CHECK_FALSE(one->has_user("bob"));
  world.postgres.start();
  for (int n = 0; n < 1000; ++n) must(one->add_user(fmt::format("u{}", n)));
  const auto begun = std::chrono::steady_clock::now();
  must(two->replica.catch_up(two->database));
  const auto took = std::chrono::steady_clock::now() - begun;
  CHECK(must(Replica::position_of(two->database)).number == 1001);
  CHECK(dump(one->database) == dump(two->database));
  MESSAGE("1000 changes in ", std::chrono::duration_cast<std::chrono::milliseconds>(took).count(), " ms");
}

}  // namespace bastion::store::fleet
