// Two processes as far as they ask each other: a loop each.
#include "bastion/admin/peer_runtime.h"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "bastion/admin/peer_endpoint.h"
#include "bastion/loop/loop.h"
#include "tests/support/executors.h"
#include "tests/support/recorded_runtime.h"
#include "tests/support/run_until.h"
#include "tests/support/temporary_folder.h"

namespace bastion::admin {
namespace {

session::LiveSession peer_session(const std::string& id, std::int64_t since) {
  session::LiveSession session;
  session.id = id;
  session.since = since;
  return session;
}

struct CountedFigures final : PeerFiguresKeeper {
  void ask_figures(std::function<void(PeerFigures)> take) override {
    if (!hangs) take({.id = "they", .samples = {{"a_total", 3}}, .others = {{"before", {{"a_total", 4}}}}});
  }
  void take_last(const std::string& id, const PeerSamples& samples) override { last[id] = samples; }

  bool hangs = false;
  std::map<std::string, PeerSamples> last;
};

// The other process, on a thread of its own: what it was asked to do is looked at when that has ended.
struct OtherProcess {
  OtherProcess(const std::filesystem::path& socket, test::RecordedRuntime& runtime) {
    endpoint = std::move(PeerEndpoint::open(loop, runtime, figures, socket).value());
    thread = std::thread([this] { loop.run(); });
  }
  ~OtherProcess() {
    loop.post([this] {
      endpoint.reset();
      loop.stop();
    });
    thread.join();
  }

  loop::Loop loop;
  CountedFigures figures;
  std::unique_ptr<PeerEndpoint> endpoint;
  std::thread thread;
};

struct PeerWorld {
  std::vector<std::string> ids() {
    std::optional<std::vector<std::string>> found;
    auto question = everywhere.ask_sessions(loop, [&](const std::vector<session::LiveSession>& sessions) {
      found.emplace();
      for (const auto& session : sessions) found->push_back(session.id);
    });
    test::run_until(loop, [&] { return found.has_value(); });
    return *found;
  }

  test::TemporaryFolder folder;
  loop::Loop loop;
  std::unique_ptr<loop::Executor> questions = test::executor();
  test::RecordedRuntime own;
  PeerRuntime everywhere{own, *questions};
};

}  // namespace

TEST_CASE("peer runtime: alone it asks nobody else") {
  PeerWorld world;
  world.own.sessions = {peer_session("a", 1)};
  CHECK(world.ids() == std::vector<std::string>{"a"});
}

TEST_CASE("peer runtime: the sessions of all are one list, the oldest first") {
  PeerWorld world;
  world.own.sessions = {peer_session("b", 2), peer_session("d", 4)};
  test::RecordedRuntime theirs;
  theirs.sessions = {peer_session("a", 1), peer_session("c", 3)};
  const OtherProcess other(world.folder / "other", theirs);
  world.everywhere.set_peers({world.folder / "other"});
  CHECK(world.ids() == std::vector<std::string>{"a", "b", "c", "d"});
}

TEST_CASE("peer runtime: one that has gone is left out") {
  PeerWorld world;
  world.own.sessions = {peer_session("a", 1)};
  world.everywhere.set_peers({world.folder / "nobody"});
  CHECK(world.ids() == std::vector<std::string>{"a"});
}

TEST_CASE("peer runtime: an answer that nobody waits for any more is dropped") {
  PeerWorld world;
  world.everywhere.set_peers({world.folder / "nobody"});
  bool told = false;
  world.everywhere.ask_sessions(world.loop, [&](const auto&) { told = true; }).reset();
  world.everywhere.set_peers({});
  std::ignore = world.ids();
  CHECK_FALSE(told);
}

TEST_CASE("peer runtime: what is done is done everywhere") {
  PeerWorld world;
  test::RecordedRuntime theirs;
  const End end{.reason = Reason::container_moved, .subject = "alice/web", .detail = {}};
  const access::ContainerPlace place{.container = 7, .backend = 3, .address = "10.0.3.100"};
  {
    const OtherProcess other(world.folder / "other", theirs);
    world.everywhere.set_peers({world.folder / "other"});
    world.everywhere.end({"a", "b"}, end);
    world.everywhere.vacate(place, end);
    world.everywhere.bans_changed(Network::parse("192.0.2.0/24").value());
  }
  for (const auto* const runtime : {&world.own, &theirs}) {
    CHECK(runtime->ended == std::vector<std::string>{"a", "b"});
    CHECK(runtime->told == sentence_of(end));
    CHECK(runtime->vacated == std::vector{place});
    CHECK(runtime->forgiven == std::vector<std::string>{"192.0.2.0/24"});
  }
}

TEST_CASE("peer runtime: the sessions of the others alone") {
  PeerWorld world;
  world.own.sessions = {peer_session("a", 1)};
  test::RecordedRuntime theirs;
  theirs.sessions = {peer_session("b", 2)};
  const OtherProcess other(world.folder / "other", theirs);
  world.everywhere.set_peers({world.folder / "other"});
  std::optional<std::size_t> count;
  auto question = world.everywhere.ask_others(world.loop, [&](const auto& sessions) { count = sessions.size(); });
  test::run_until(world.loop, [&] { return count.has_value(); });
  CHECK(*count == 1);
}

TEST_CASE("peer runtime: what others have counted, and who does not answer") {
  PeerWorld world;
  CHECK_FALSE(world.everywhere.has_peers());
  CHECK(world.everywhere.ask_figures().empty());
  test::RecordedRuntime theirs;
  OtherProcess other(world.folder / "other", theirs);
  OtherProcess hangs(world.folder / "hangs", theirs);
  hangs.figures.hangs = true;
  world.everywhere.set_peers({world.folder / "other", world.folder / "hangs", world.folder / "nobody"});
  CHECK(world.everywhere.has_peers());
  const auto told = world.everywhere.ask_figures();
  REQUIRE(told.size() == 3);
  REQUIRE(told[0].has_value());
  CHECK(told[0]->id == "they");
  CHECK(told[0]->samples.at("a_total") == 3);
  CHECK(told[0]->others.at("before").at("a_total") == 4);
  CHECK_FALSE(told[1].has_value());
  CHECK_FALSE(told[2].has_value());
}

TEST_CASE("peer runtime: what was counted to the end is told to everybody else") {
  PeerWorld world;
  test::RecordedRuntime theirs;
  OtherProcess other(world.folder / "other", theirs);
  world.everywhere.set_peers({world.folder / "nobody", world.folder / "other"});
  world.everywhere.tell_last_figures("me", {{"a_total", 7}});
  std::optional<double> heard;
  other.loop.post([&] { world.loop.post([&, value = other.figures.last.at("me").at("a_total")] { heard = value; }); });
  test::run_until(world.loop, [&] { return heard.has_value(); });
  CHECK(*heard == 7);
}

}  // namespace bastion::admin
