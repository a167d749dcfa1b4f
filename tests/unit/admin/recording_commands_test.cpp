// Who is recorded, and what administrators do with recordings.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "bastion/record/library.h"
#include "store/record_policies.h"
#include "tests/support/admin_world.h"
#include "tests/support/temporary_folder.h"

namespace bastion::admin {

using test::AdminWorld;
using test::must;

namespace {

// alice's web on be1 and bob; recordings of both.
struct RecordingCommands : AdminWorld {
  RecordingCommands() {
    furnished();
    context.recordings = folder / "";
    put("bcdf2345", 1, "alice", "one\\r\\n");
    put("ghjk6789", 1, "bob", "a");
    put("ghjk6789", 2, "bob", "b");
  }
  void put(const std::string& session, unsigned number, const std::string& user, const std::string& text) {
    record::Compressor compressor;
    const record::Header header{
        .at = 1'700'000'000,
        .command = number == 2 ? "make" : "",
        .subject = {
            .session = session, .number = number, .user = user, .container = user + "/web", .from_host = "192.0.2.1"}};
    auto frame = compressor.frame(record::line_of(header) + "[1.000000, \"o\", \"" + text + "\"]\n");
    REQUIRE(frame);
    folder.write(record::file_name(session, number), *frame);
  }
  test::TemporaryFolder folder;
};

}  // namespace

TEST_CASE("who is recorded is said of users, groups and containers, and taken back") {
  AdminWorld world;
  world.furnished();
  world.done("group add ops");
  CHECK(world.json("user show alice --json")["record"] == "default");
  world.done("user set alice --record terminals");
  world.done("group set ops --record all");
  world.done("container set alice/web --record none");
  CHECK(must(world.audit.latest(1)).front().subject == "alice/web --record none");
  CHECK(world.json("user show alice --json")["record"] == "terminals");
  CHECK(world.json("group show ops --json")["record"] == "all");
  CHECK(world.json("container show alice/web --json")["record"] == "none");
  world.done("user set alice --record default");
  CHECK(world.json("user show alice --json")["record"] == "default");
  CHECK(world.misused("user set alice --record some").contains("\"some\" is none, terminals, all or default"));
  CHECK(world.refused("group set opps --record all").contains("did you mean ops"));
}

TEST_CASE("of a user, their groups and a container, the one counts that records most") {
  AdminWorld world;
  world.furnished();
  store::RecordPolicies policies(world.database);
  const auto alice = must(world.users.get("alice")).id;
  const auto web = must(world.containers.named("web")).front().id;
  auto least = RecordPolicy::none;
  const auto counts = [&] { return most_of(must(policies.concerning(alice, web)), RecordPolicy::terminals, least); };
  CHECK(counts() == RecordPolicy::terminals);
  world.done("user set alice --record none");
  CHECK(counts() == RecordPolicy::none);
  world.done("container set alice/web --record terminals");
  CHECK(counts() == RecordPolicy::terminals);
  world.done("group add ops");
  world.done("group set ops --record all");
  CHECK(counts() == RecordPolicy::terminals);
  world.done("group join ops alice");
  CHECK(counts() == RecordPolicy::all);
  CHECK(must(policies.concerning(alice, 0)).size() == 2);
  // Whatever they say, and where they say nothing.
  least = RecordPolicy::all;
  world.done("group set ops --record none");
  world.done("container set alice/web --record none");
  CHECK(counts() == RecordPolicy::all);
  world.done("group set ops --record default");
  world.done("container set alice/web --record default");
  world.done("user set alice --record default");
  CHECK(counts() == RecordPolicy::all);
}

TEST_CASE("who is recorded is in the document, and comes back from it") {
  AdminWorld world;
  world.furnished();
  world.done("group add ops");
  CHECK_FALSE(world.done("export").contains("record"));
  world.done("user set alice --record terminals");
  world.done("group set ops --record all");
  world.done("container set alice/web --record none");
  const auto document = world.json("export --json");
  CHECK(document["users"][0]["record"] == "terminals");
  CHECK(document["groups"][0]["record"] == "all");
  CHECK(document["containers"][0]["record"] == "none");
  world.done("user set alice --record default");
  world.done("group set ops --record none");
  world.done("container set alice/web --record all");
  world.file_text = document.dump();
  const auto changed = world.done("apply FILE");
  CHECK(changed.contains("record default -> terminals"));
  CHECK(world.json("export --json") == document);
}

TEST_CASE("recordings are listed, and one is found by its session") {
  RecordingCommands world;
  const auto all = world.json("session recordings --json");
  CHECK(all.size() == 3);
  const auto of_bob = world.json("session recordings --user bob --json");
  REQUIRE(of_bob.size() == 2);
  CHECK(of_bob[0]["container"] == "bob/web");
  CHECK(world.json("session recordings --container alice/web --json")[0]["id"] == "bcdf2345-1");
  CHECK(world.json("session recordings --limit 1 --json").size() == 1);
  CHECK(world.refused("session play ghjk6789") ==
        "session ghjk6789 has 2 recordings: say which one, ghjk6789-1, ghjk6789-2\n");
  CHECK(world.refused("session play 00000000") == "there is no recording of session 00000000 here\n");
  CHECK(world.refused("session export ../bcdf2345") == "there is no recording of session ../bcdf2345 here\n");
  CHECK(world.misused("session play bcdf2345 --speed fast").contains("no number"));
  CHECK(world.misused("session play bcdf2345 --speed 0").contains("no number"));
}

TEST_CASE("what was recorded is printed as text, and exported as it is") {
  RecordingCommands world;
  CHECK(world.done("session play bcdf2345") == "one\n");
  const auto cast = world.done("session export bcdf2345");
  CHECK(cast.starts_with("{\"version\": 2"));
  CHECK(cast.contains("[1.000000, \"o\", \"one\\r\\n\"]\n"));
  CHECK(world.json("session export bcdf2345 --json")["text"] == cast);
  const auto rows = must(world.audit.latest(3));
  CHECK(rows.front().action == "session export");
  CHECK(rows.front().subject == "bcdf2345");
  CHECK(rows.back().action == "session play");
}

TEST_CASE("what is exported to a terminal begins each line where lines begin") {
  RecordingCommands world;
  const auto cast = world.done("session export bcdf2345");
  world.context.format = {.columns = 80, .coloured = true};
  const auto shown = world.done("session export bcdf2345");
  CHECK(shown.contains("\"one\\r\\n\"]\r\n"));
  CHECK(std::ranges::count(shown, '\r') == std::ranges::count(cast, '\n'));
}

TEST_CASE("what is too long for one document is printed part by part only") {
  RecordingCommands world;
  const std::string line = "[1.000000, \"o\", \"" + std::string(1'000'000, 'x') + "\"]\n";
  std::string much;
  record::Compressor compressor;
  for (int i = 0; i < 70; ++i) much += *compressor.frame(line);
  world.folder.write(record::file_name("bcdf2345", 1), *compressor.frame(record::line_of({})) + much);
  CHECK(world.refused("session export bcdf2345 --json").contains("too long for one document"));
  const auto first = world.type("session export bcdf2345");
  CHECK(first.streaming);
  CHECK(first.out.size() < 2'000'000);
}

TEST_CASE("at a terminal it comes part by part") {
  RecordingCommands world;
  world.context.format = {.columns = 80, .coloured = true};
  auto first = world.type("session play bcdf2345");
  REQUIRE(first.streaming);
  CHECK(first.out.empty());
  CHECK(first.streaming->pause.count() == 1000);
  world.context.streaming = first.streaming;
  world.context.again = true;
  const auto second = world.type("session play bcdf2345");
  CHECK(second.out.starts_with("one\r\n"));
  CHECK_FALSE(second.streaming);
}

}  // namespace bastion::admin
