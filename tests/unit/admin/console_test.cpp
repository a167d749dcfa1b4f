#include "bastion/admin/console.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "bastion/access/credential.h"
#include "bastion/access/identity.h"
#include "bastion/base/bytes.h"
#include "bastion/base/wire_format.h"
#include "bastion/connection/message.h"
#include "bastion/connection/session_start.h"
#include "bastion/session/admin_endpoint.h"
#include "store/audit.h"
#include "store/users.h"
#include "tests/support/run_until.h"
#include "tests/support/site_world.h"
#include "tests/unit/connection/relay_rig.h"

namespace bastion::admin {
namespace {

using connection::ChannelRequest;
using test::must;

constexpr std::string_view kCtrlC = "\x03";
constexpr std::string_view kCtrlD = "\x04";
constexpr std::string_view kPasteOn = "\x1b[?2004h";
constexpr std::string_view kPasteOff = "\x1b[?2004l";

// A line of the terminal that is drawn anew, with the cursor at its end.
std::string drawn(std::string_view prompt, std::string_view line) {
  return fmt::format("\r{}{}\x1b[K\r\x1b[{}C", prompt, line, prompt.size() + line.size());
}
std::string prompted(std::string_view line = {}) { return drawn("root@bastion> ", line); }

// Root at a terminal, with the console before her and no network in between. Alice has a container.
struct ConsoleWorld : test::SiteWorld {
  ConsoleWorld() {
    user("alice");
    backend("be1");
    container("alice", "web", "be1", "10.0.3.100");
    must(users.add("root", store::Role::admin, kNow));
    key("root", "root");
    access::Identity root{.user = id_of("root"), .name = "root", .role = store::Role::admin};
    root.credential = access::KeyCredential{.key = must(keys.of_user(root.user)).front().id, .fingerprint = "SHA256:r"};

    rig.serves = true;
    WireWriter terminal;
    terminal.string(std::string_view{"xterm"}).u32(80).u32(24).u32(0).u32(0).string(std::string_view{});
    rig.user(connection::ChannelOpen{"session", 5, 1'000'000, 32'000, {}});
    rig.user(ChannelRequest{0, "pty-req", true, terminal.view()});
    rig.user(ChannelRequest{0, "shell", true, {}});
    REQUIRE(rig.sessions.size() == 1);
    console = std::make_unique<Console>(
        session::AdminEndpoint::Client{
            .loop = loop, .identity = std::move(root), .arrival = {.id = "a1", .from_host = "10.0.0.9"}},
        site, rig.sessions.front().serve(1000), [this] { ++overs; });
    console->start();
  }

  void types(std::string_view text) { CHECK(rig.user(connection::ChannelData{0, bytes_of(text)})); }
  // What came to the terminal since the last time.
  std::string shown() {
    std::string text;
    for (const auto& packet : rig.user_sink.packets()) {
      const auto message = must(connection::parse(packet));
      text += bastion::text_of(connection::data_of(message));
      const auto* const request = std::get_if<ChannelRequest>(&message);
      if (request != nullptr) status = connection::parse_exit_status(*request);
    }
    return text;
  }
  void shows(std::string_view part) {
    std::string text;
    CAPTURE(text);
    test::run_until(loop, [&] {
      text += shown();
      return text.contains(part);
    });
  }
  std::string shown_up_to(std::string_view end) {
    std::string text;
    CAPTURE(text);
    test::run_until(loop, [&] {
      text += shown();
      return text.ends_with(end);
    });
    return text;
  }
  // What is shown for these keys, up to the next prompt.
  std::string answer(std::string_view text) {
    shown();
    types(text);
    return shown_up_to(prompted());
  }
  void is_asked_about_alice() {
    types("user remove alice\r");
    CHECK(shown_up_to(drawn("Remove alice and alice/web? (y/N) ", {})).contains("alice still owns alice/web"));
    CHECK(must(users.find("alice")));
    CHECK(must(audit.latest(1)).empty());  // neither done nor refused yet
  }
  store::AuditEntry only_row() {
    auto rows = must(audit.latest(2));
    REQUIRE(rows.size() == 1);
    return rows.front();
  }

  connection::Rig rig;
  std::unique_ptr<Console> console;
  std::optional<std::uint32_t> status;  // the session's, as the client was told
  int overs = 0;
};

}  // namespace

TEST_CASE("console: it greets, and asks for a line") {
  ConsoleWorld world;
  CHECK(world.shown() == std::string(kPasteOn) +
                             "The commands of the bastion: help lists them, Tab completes, exit leaves.\r\n" +
                             prompted());
}

TEST_CASE("console: a command is run and answered, and the prompt comes back") {
  ConsoleWorld world;
  world.shown();
  world.types("user add ");
  world.types("dora");
  CHECK(world.shown() == prompted("user add ") + prompted("user add dora"));
  CHECK(world.answer("\r").contains("\r\nuser dora added"));
  CHECK(must(world.users.find("dora")));
  CHECK(world.only_row().actor == "root");
  CHECK(world.only_row().from_host == "10.0.0.9");
}

TEST_CASE("console: wrong words are answered, and the prompt comes back") {
  ConsoleWorld world;
  CHECK(world.answer("user show nobody\r").ends_with("\r\nthere is no user nobody\r\n" + prompted()));
  CHECK(world.answer("user ad\r")
            .ends_with("there is no command \"user ad\"; did you mean \"user add\"?\r\n"
                       "\"help user\" lists what there is\r\n" +
                       prompted()));
  CHECK(world.answer("user show 'alice\r").ends_with("\r\na ' is not closed\r\n" + prompted()));
  CHECK(world.answer("\r") == prompted() + "\r\n" + prompted());
}

TEST_CASE("console: a line that comes with its Enter is shown") {
  ConsoleWorld world;
  CHECK(world.answer("user show nobody\r").starts_with(prompted("user show nobody") + "\r\n"));
  CHECK(world.answer("user add" + std::string(kCtrlC)) == prompted("user add") + "^C\r\n" + prompted());
}

TEST_CASE("console: a removal that takes more with it is done after a yes") {
  ConsoleWorld world;
  world.is_asked_about_alice();
  CHECK(world.answer("y\r").contains("\r\nuser alice removed"));
  CHECK_FALSE(must(world.users.find("alice")));
  CHECK(world.only_row().outcome == "done");
}

TEST_CASE("console: a removal that takes more with it is not done without a yes, and is written down as refused") {
  ConsoleWorld world;
  world.is_asked_about_alice();
  SUBCASE("no") { CHECK(world.answer("n\r").ends_with("\r\nNothing was changed.\r\n" + prompted())); }
  SUBCASE("Enter alone") { CHECK(world.answer("\r").ends_with("\r\nNothing was changed.\r\n" + prompted())); }
  SUBCASE("Ctrl-C") { CHECK(world.answer(kCtrlC).ends_with("^C\r\n" + prompted())); }
  CHECK(must(world.users.find("alice")));
  CHECK(world.only_row().action == "user remove");
  CHECK(world.only_row().subject == "alice");
  CHECK(world.only_row().outcome == "refused");
  CHECK(world.answer("y\r").contains("there is no command \"y\""));  // too late
}

TEST_CASE("console: what is typed while a command runs is kept, and comes afterwards") {
  ConsoleWorld world;
  world.shown();
  world.types("user add dora\r");
  CHECK(world.shown().ends_with("\r\n"));
  world.types("user add erin\r");
  world.types("user sh");
  CHECK(world.shown().empty());
  const auto text = world.shown_up_to(prompted("user sh"));
  CHECK(text.starts_with("user dora added"));
  CHECK(text.contains("user erin added"));
  CHECK(text.ends_with(prompted() + prompted("user sh")));
}

TEST_CASE("console: a question drops what was typed before it, and says so") {
  ConsoleWorld world;
  std::string reply;
  SUBCASE("lines") {
    world.types("user remove alice\ruser add p4\ruser add p5\ry\r");
    CHECK(world.shown_up_to("(y/N) \x1b[K\r\x1b[34C").contains("Not run: user add p4, and 2 more lines\r\n"));
  }
  SUBCASE("a yes") {
    world.types("user remove alice\ry\r");
    CHECK(world.shown_up_to("(y/N) \x1b[K\r\x1b[34C").contains("Not run: y\r\n"));
  }
  SUBCASE("half a line") {
    world.types("user remove alice\ry");
    CHECK(world.shown_up_to("(y/N) \x1b[K\r\x1b[34C").contains("Not run: y\r\n"));
  }
  SUBCASE("in pieces, and the rest of the same paste comes behind the question's time") {
    world.types("\x1b[200~user remove alice\ruser add p4\r");
    world.shows("alice still owns alice/web");
    world.types("user add p5\ry\r");
    world.types("user add p6\x1b[20");
    world.types("1~");
    CHECK(world.shown_up_to("(y/N) \x1b[K\r\x1b[34C").contains("Not run: user add p4, and 3 more lines\r\n"));
  }
  CHECK(must(world.users.find("alice")));
  CHECK_FALSE(must(world.users.find("p4")));
  CHECK(world.answer("y\r").contains("user alice removed"));
  CHECK_FALSE(must(world.users.find("p4")));
}

TEST_CASE("console: what is neither yes nor no is no answer, and is not run") {
  ConsoleWorld world;
  world.is_asked_about_alice();
  world.types("user add p4\ruser add p5\r");
  const auto text = world.shown_up_to("Not run: user add p5\r\n" + prompted());
  CHECK(text.contains("Nothing was changed.\r\nNot run: user add p4\r\n"));
  CHECK_FALSE(must(world.users.find("p4")));
}

TEST_CASE("console: lines behind one that fails are not run") {
  ConsoleWorld world;
  world.shown();
  std::string_view shown;
  SUBCASE("a refusal") {
    shown = "there is no user nobody\r\nNot run: user add p4, and 1 more line\r\n";
    world.types("user show nobody\ruser add p4\ruser add p5\r");
  }
  SUBCASE("a typo") {
    shown = "lists what there is\r\nNot run: user add p4\r\n";
    world.types("usr show\ruser add p4\r");
  }
  SUBCASE("a quote") {
    shown = "a ' is not closed\r\nNot run: user add p4\r\n";
    world.types("user show 'x\ruser add p4\r");
  }
  SUBCASE("of a paste that has not ended") {
    shown = "there is no user nobody\r\nNot run: user add p4\r\n";
    world.types("\x1b[200~user show nobody\r");
    world.shows("there is no user");
    shown = "Not run: user add p4\r\n";
    world.types("user add p4\x1b[201~");
  }
  const auto text = world.shown_up_to(prompted());
  CHECK(text.contains(shown));
  CHECK_FALSE(must(world.users.find("p4")));
  world.answer("user add p6\r");
  CHECK(must(world.users.find("p6")));
}

TEST_CASE("console: Ctrl-C gives up what only reads, and what was typed behind it") {
  ConsoleWorld world;
  must(world.database.run("BEGIN IMMEDIATE"));
  world.shown();
  SUBCASE("what only reads") {
    world.types("user list\r");
    CHECK(world.answer("user add p4\r\x03") == "^C\r\n" + prompted());
    must(world.database.run("ROLLBACK"));
  }
  SUBCASE("what changes something goes on") {
    world.types("user add dora\r");
    world.types(kCtrlC);
    CHECK(world.shown().ends_with("^C\r\nThis changes something, and runs to its end.\r\n"));
    must(world.database.run("ROLLBACK"));
    CHECK(world.shown_up_to(prompted()).starts_with("user dora added"));
  }
  CHECK_FALSE(must(world.users.find("p4")));
}

TEST_CASE("console: an answer that is higher than the terminal comes a screen at a time") {
  ConsoleWorld world;
  for (int i = 10; i < 60; ++i) must(world.users.add(fmt::format("u{}", i), store::Role::user, 0));
  world.shown();
  SUBCASE("and keys are for it") {
    world.types("user list\r");
    auto page = world.shown_up_to("23 of 53 rows; Space, b, /, q leaves\x1b[J");
    CHECK(page.contains("alice "));
    CHECK_FALSE(page.contains("u59"));
    world.types("G");
    CHECK(world.shown_up_to("leaves\x1b[J").contains("u59"));
    CHECK(world.answer("q") == "\r\x1b[K" + prompted());
    CHECK(world.answer("user show nobody\r").contains("there is no user nobody"));
  }
  SUBCASE("unless it is not wanted") { CHECK(world.answer("user list --no-pager\r").contains("u59")); }
  SUBCASE("or more was typed already") {
    world.types("user list\ruser show alice\r");
    CHECK(world.shown_up_to(prompted()).contains("u59"));
  }
  SUBCASE("and its end is the end of the input") {
    world.types("user list\r");
    world.shown_up_to("leaves\x1b[J");
    CHECK(world.rig.user(connection::ChannelEof{0}));
    world.shown();
    CHECK(world.status == 0);
  }
}

TEST_CASE("console: Ctrl-C drops the line") {
  ConsoleWorld world;
  world.types("user add dora");
  CHECK(world.answer(kCtrlC).ends_with("^C\r\n" + prompted()));
  world.answer("user add erin\r");
  CHECK(must(world.users.find("erin")));
  CHECK_FALSE(must(world.users.find("dora")));
}

TEST_CASE("console: Tab completes words and names, and lists them where there are several") {
  ConsoleWorld world;
  world.types("user sh\t");
  world.shown_up_to(prompted("user show "));
  world.types("\t");
  CHECK(world.shown_up_to(prompted("user show ")).ends_with("\r\nalice  root\r\n" + prompted("user show ")));
  world.types("a\t");
  world.shown_up_to(prompted("user show alice "));
}

TEST_CASE("console: what is watched is shown in place until Ctrl-C or q, and other keys are dropped") {
  ConsoleWorld world;
  world.types("session watch\r");
  world.shown_up_to("Ctrl-C leaves.\x1b[K\r\n\x1b[J");
  world.types("user add dora\r");
  SUBCASE("Ctrl-C") { CHECK(world.answer(kCtrlC) == "\r\n" + prompted()); }
  SUBCASE("q") { CHECK(world.answer("q") == "\r\n" + prompted()); }
  CHECK(world.answer("user show nobody\r").ends_with("\r\nthere is no user nobody\r\n" + prompted()));
  CHECK_FALSE(must(world.users.find("dora")));
}

TEST_CASE("console: whoever leaves it ends the session with status 0") {
  ConsoleWorld world;
  world.shown();
  SUBCASE("exit") { world.types("exit\r"); }
  SUBCASE("quit") { world.types("quit\r"); }
  SUBCASE("Ctrl-D") { world.types(kCtrlD); }
  SUBCASE("end of input") { CHECK(world.rig.user(connection::ChannelEof{0})); }
  CHECK(world.shown().ends_with(kPasteOff));
  CHECK(world.status == 0);
  CHECK(world.overs == 1);
}

TEST_CASE("console: what was typed before the end of input is done before it ends") {
  ConsoleWorld world;
  world.types("user add dora\ruser add erin\ruser remove alice\r");
  CHECK(world.rig.user(connection::ChannelEof{0}));
  std::string text;
  test::run_until(world.loop, [&] {
    text += world.shown();
    return world.status.has_value();
  });
  CHECK(text.contains("user dora added"));
  CHECK(text.contains("user erin added"));
  CHECK(must(world.users.find("erin")));
  CHECK(world.status == 0);
  CHECK(must(world.users.find("alice")));
  CHECK(must(world.audit.latest(1)).front().outcome == "refused");  // nobody said yes
}

TEST_CASE("console: a watch ends with the input, also one that was typed before it began") {
  ConsoleWorld world;
  SUBCASE("it runs") {
    world.types("session watch\r");
    world.shown_up_to("Ctrl-C leaves.\x1b[K\r\n\x1b[J");
    CHECK(world.rig.user(connection::ChannelEof{0}));
  }
  SUBCASE("it waits for the command before it") {
    world.types("user add dora\rsession watch\r");
    CHECK(world.rig.user(connection::ChannelEof{0}));
    CHECK_FALSE(world.status);
  }
  test::run_until(world.loop, [&] {
    world.shown();
    return world.status.has_value();
  });
  CHECK(world.status == 0);
}

TEST_CASE("console: a command has its effect although its client went away while it ran") {
  ConsoleWorld world;
  must(world.database.run("BEGIN IMMEDIATE"));
  world.types("user add dora\r");
  test::run_until(world.loop, [&] { return world.changes->counts().running == 1; });
  CHECK(world.rig.user(connection::ChannelClose{0}));
  CHECK(world.overs == 1);
  SUBCASE("and its console with it") { world.console.reset(); }
  SUBCASE("and its console hears of the outcome") {}
  must(world.database.run("ROLLBACK"));
  REQUIRE(world.changes->close(std::chrono::seconds(10)));
  CHECK(must(world.users.find("dora")));
  world.loop.post([&] { world.loop.stop(); });  // behind the outcome
  world.loop.run();
  CHECK(world.overs == 1);
}

}  // namespace bastion::admin
