#include "bastion/monitor/monitor.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "bastion/base/reason.h"
#include "bastion/loop/local_listener.h"
#include "bastion/monitor/labels.h"
#include "tests/support/document.h"
#include "tests/support/executors.h"
#include "tests/support/small_world.h"

namespace bastion::monitor {
namespace {

using test::must;

// A monitor of a world in which one loop carries something.
struct WatchedWorld {
  explicit WatchedWorld(Monitor::Others others = {}, std::function<Sources::Fleet()> fleet = nullptr)
      : monitor({.address = LocalAddress{.unix_socket = socket},
                 .database = world.file,
                 .questions = *questions,
                 .sources = sources(std::move(fleet)),
                 .watched = {{.kind = "worker", .ask = [](const Watched::Take& take) { take({.sessions = 4}); }}},
                 .others = std::move(others)}) {
    REQUIRE(monitor.start().has_value());
  }

  [[nodiscard]] Sources sources(std::function<Sources::Fleet()> fleet) {
    return {.counters = counters,
            .writer = *writer,
            .fates = {{"banned", &counters.refused_banned}},
            .executors = {{"questions", questions.get()}},
            .fleet = std::move(fleet)};
  }
  [[nodiscard]] std::string asks(const std::string& path) const {
    return says("GET " + path + " HTTP/1.1\r\nHost: here\r\n\r\n");
  }
  // What a client reads to the end that has sent this.
  [[nodiscard]] std::string says(const std::string& request) const {
    auto connection = loop::connect_local(socket);
    while (!connection) {  // it is not there yet: its thread makes it
      std::this_thread::yield();
      connection = loop::connect_local(socket);
    }
    REQUIRE(::send(connection->get(), request.data(), request.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(request.size()));
    std::string answer;
    std::array<char, 4096> some{};
    for (ssize_t got = 0; (got = ::read(connection->get(), some.data(), some.size())) > 0;) {
      answer.append(some.data(), static_cast<std::size_t>(got));
    }
    return answer;
  }

  test::SmallWorld world;
  std::filesystem::path socket = world.folder / "metrics.sock";
  std::unique_ptr<store::Writer> writer = must(store::Writer::open(world.file));
  std::unique_ptr<loop::Executor> questions = test::executor();
  metrics::Counters counters;
  Monitor monitor;
};

}  // namespace

TEST_CASE("docs/METRICS.md says what the table of series says") {
  test::Document("docs/METRICS.md").must_contain(reference());
}

TEST_CASE("series: each has its own name, and labels come from closed tables") {
  std::vector<std::string_view> names;
  for (const auto& one : series()) {
    CAPTURE(one.name);
    CHECK((one.name.starts_with("bastion_") || one.name.starts_with("process_")));
    CHECK(one.name.ends_with("_total") == (one.type == metrics::Type::counter));
    names.push_back(one.name);
  }
  std::ranges::sort(names);
  CHECK(std::ranges::adjacent_find(names) == names.end());
  CHECK(place_of_method("publickey") == 1);
  CHECK(place_of_method("publickey-hostbound-v00@openssh.com") == 1);
  CHECK(place_of_method("none") == 0);
  CHECK(place_of_method("") == 0);
  CHECK(place_of_method("root\"} 1\n") == method_labels().size() - 1);
  CHECK(method_labels().back() == "other");
  for (std::size_t reason = 0; reason < reasons(); ++reason) {
    CHECK_FALSE(code_of(static_cast<Reason>(reason)).empty());
  }
}

TEST_CASE("monitor: /metrics has every series, and what was counted") {
  WatchedWorld world({}, [] { return Sources::Fleet{.change = 12, .is_current = true}; });
  world.counters.accepted.bump();
  world.counters.logins.at(1).bump();
  world.counters.failed_logins.at(0).at(place_of(Reason::killed)).bump();
  world.counters.phases.at(0).observe(std::chrono::milliseconds{2});
  auto answer = world.asks("/metrics");
  while (!answer.contains("bastion_sessions 4\n")) answer = world.asks("/metrics");  // it has asked what is carried
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4"));
  for (const auto& one : series()) {
    CAPTURE(one.name);
    CHECK(answer.contains("\n# TYPE " + std::string(one.name) + " "));
    CHECK(answer.contains("\n" + std::string(one.name)));
  }
  const auto has = [&](const char* line) { return answer.contains(std::string("\n") + line + "\n"); };
  CHECK(has("bastion_connections_accepted_total 1"));
  CHECK(has(R"(bastion_logins_total{method="publickey",result="accepted",reason="ok"} 1)"));
  CHECK(has(R"(bastion_logins_total{method="none",result="not_tried",reason="killed"} 1)"));
  CHECK(has(R"(bastion_logins_total{method="other",result="failed",reason="client_vanished"} 0)"));
  CHECK(has(R"(bastion_login_phase_seconds_count{phase="handshake"} 1)"));
  CHECK(has(R"(bastion_strangers_turned_away_total{fate="banned"} 0)"));
  CHECK(has(R"(bastion_executor_queue{executor="questions"} 0)"));
  CHECK(has("bastion_fleet_change 12"));
  CHECK(has("bastion_fleet_current 1"));
  CHECK(world.asks("/readyz").ends_with("\r\n\r\nok\nfleet: change 12, current\n"));
}

TEST_CASE("monitor: it is ready while the database can be read, and alive in any case") {
  const WatchedWorld world;
  CHECK(world.asks("/healthz").ends_with("\r\n\r\nok\n"));
  CHECK(world.asks("/readyz").ends_with("\r\n\r\nok\n"));
  std::filesystem::rename(world.world.file, world.world.folder / "elsewhere");
  const auto answer = world.asks("/readyz");
  CHECK(answer.starts_with("HTTP/1.1 503 "));
  CHECK(answer.contains("bastion.db"));
  CHECK(world.asks("/healthz").starts_with("HTTP/1.1 200 "));
  std::filesystem::rename(world.world.folder / "elsewhere", world.world.file);
  CHECK(world.asks("/readyz").starts_with("HTTP/1.1 200 "));
}

TEST_CASE("monitor: while it drains nobody is to be sent here") {
  WatchedWorld world;
  world.monitor.drain();
  CHECK(world.asks("/readyz").starts_with("HTTP/1.1 503 "));
  CHECK(world.asks("/readyz").ends_with("draining\n"));
  CHECK(world.asks("/healthz").ends_with("draining\n"));
  CHECK(world.asks("/metrics").contains("\nbastion_draining 1\n"));
}

TEST_CASE("monitor: it leaves its address to whoever follows") {
  WatchedWorld world;
  CHECK(world.asks("/healthz").contains("ok"));
  world.monitor.leave_address();
  while (std::filesystem::exists(world.socket)) std::this_thread::yield();
  CHECK_FALSE(loop::connect_local(world.socket).has_value());
}

TEST_CASE("monitor: what is no question gets an answer too, and the socket is for user and group") {
  const WatchedWorld world;
  CHECK(world.asks("/").starts_with("HTTP/1.1 404 "));
  CHECK(world.says("POST /metrics HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
  CHECK(world.says("HEAD /healthz HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
  CHECK(world.says("GET / HTTP/1.1\r\nX: " + std::string(http::Limits{}.head, 'x')).starts_with("HTTP/1.1 431 "));
  struct stat status{};
  REQUIRE(::stat(world.socket.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0660U);
}

TEST_CASE("monitor: silent connections make room for one more") {
  const WatchedWorld world;
  CHECK(world.asks("/healthz").contains("ok"));
  std::vector<loop::Descriptor> silent;
  silent.reserve(3 * HttpEndpoint::kMostConnections);
  for (std::size_t i = 0; i < 3 * HttpEndpoint::kMostConnections; ++i) {
    silent.push_back(must(loop::connect_local(world.socket)));
  }
  CHECK(world.asks("/healthz").contains("ok"));
  std::array<char, 1> byte{};
  CHECK(::read(silent.front().get(), byte.data(), byte.size()) == 0);
}

TEST_CASE("monitor: what other processes carry and have counted is in its answers") {
  std::atomic<bool> any = true;
  WatchedWorld world({.own_id = "me",
                      .follows = true,
                      .any = [&] { return any.load(); },
                      .ask =
                          [] {
                            return std::vector<Elsewhere::Told>{
                                Report{"older",
                                       {{"bastion_sessions", 2},
                                        {"bastion_connections_accepted_total", 5},
                                        {"process_threads", 1000},
                                        {R"(bastion_sessions_ended_total{reason="of another release"})", 1}},
                                       {}},
                                std::nullopt};
                          }});
  world.counters.accepted.bump();
  auto answer = world.asks("/metrics");
  CHECK(answer.contains("\nbastion_connections_accepted_total 6\n"));  // the first answer there is
  while (!answer.contains("\nbastion_sessions 6\n")) answer = world.asks("/metrics");
  CHECK(answer.contains("\nbastion_generations 3\n"));
  CHECK(answer.contains("\nbastion_generations_silent 1\n"));
  CHECK(answer.contains("\nbastion_sessions_ended_total{reason=\"of another release\"} 1\n"));
  std::atomic<bool> told = false;
  Report report;
  world.monitor.report([&](Report said) {
    report = std::move(said);
    told = true;
  });
  while (!told) std::this_thread::yield();
  CHECK(report.samples.at("bastion_sessions") == 4);
  CHECK(report.samples.at("bastion_connections_accepted_total") == 1);
  CHECK_FALSE(report.samples.contains("process_start_time_seconds"));
  CHECK(report.others.at("older").at("bastion_connections_accepted_total") == 5);
  world.monitor.take_last("older", {{"bastion_connections_accepted_total", 8}});
  any = false;
  world.monitor.others_changed();
  while (!answer.contains("\nbastion_generations 1\n")) answer = world.asks("/metrics");
  CHECK(answer.contains("\nbastion_connections_accepted_total 9\n"));
  CHECK(answer.contains("\nbastion_sessions 4\n"));
}

TEST_CASE("monitor: who follows another process answers when that one has, and for the first time with all of it") {
  std::atomic<int> asked = 0;
  const WatchedWorld world({.own_id = "me",
                            .follows = true,
                            .any = [] { return true; },
                            .ask =
                                [&] {
                                  auto told = std::vector<Elsewhere::Told>(1);
                                  if (++asked > 1)
                                    told[0] = Report{"older", {{"bastion_connections_accepted_total", 5}}, {}};
                                  return told;
                                }});
  CHECK(world.asks("/metrics").contains("\nbastion_connections_accepted_total 5\n"));
  CHECK(asked >= 2);
}

TEST_CASE("monitor: others that hang keep nobody from an answer") {
  std::atomic<bool> enough = false;
  {
    std::atomic<int> asked = 0;
    WatchedWorld world({.own_id = "me",
                        .any = [] { return true; },
                        .ask =
                            [&] {
                              ++asked;
                              enough.wait(false);
                              return std::vector<Elsewhere::Told>{};
                            }});
    while (asked == 0) std::this_thread::yield();
    for (int i = 0; i < 10; ++i) CHECK(world.asks("/metrics").contains("\nbastion_generations 1\n"));
    CHECK(asked == 1);
    enough = true;
    enough.notify_all();
    world.monitor.stop();
  }
}

}  // namespace bastion::monitor
