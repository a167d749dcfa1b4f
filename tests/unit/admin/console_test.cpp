#include "bastion/admin/console.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
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

// Of the loop's turns some twenty in a paste: what is typed between two of them is typed in time.
constexpr std::chrono::milliseconds kPause{1};

constexpr std::string_view kCtrlC = "\x03";
constexpr std::string_view kCtrlD = "\x04";
constexpr std::string_view kPasteOn = "\x1b[?2004h";
constexpr std::string_view kPasteOff = "\x1b[?2004l";
constexpr const char* kOtherScreen = "\x1b[?1049h\x1b[H";
constexpr const char* kScreenBefore = "\r\x1b[K\x1b[?1049l";

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
        site, rig.sessions.front().serve(1000), [this] { ++overs; }, kPause);
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
    must(world.database.run("ROLLBACK"));
    session::LiveSession session;
    session.id = "s1";
    session.user = "alice";
    session.container = "alice/web";
    world.runtime.sessions = {session};
    std::atomic<bool> begun = false;
    std::atomic<bool> may_end = false;
    world.runtime.while_ending = [&] {
      begun = true;
      while (!may_end) std::this_thread::yield();
    };
    world.types("container move alice/web --backend be1 --address 10.0.3.101 --kick\r");
    test::run_until(world.loop, [&] { return begun.load(); });
    world.types("user add p4\r\x03");
    CHECK(world.shown().ends_with("^C\r\nThis changes something, and runs to its end.\r\n"));
    may_end = true;
    CHECK(world.shown_up_to(prompted()).contains("1 session ended"));
  }
  CHECK_FALSE(must(world.users.find("p4")));
}

TEST_CASE("console: an answer that is higher than the terminal comes a screen at a time") {
  ConsoleWorld world;
  for (int i = 10; i < 60; ++i) must(world.users.add(fmt::format("u{}", i), store::Role::user, 0));
  world.shown();
  SUBCASE("and keys are for it") {
    world.types("user list\r");
    auto page = world.shown_up_to("23 of 53 lines; Space, b, /, q leaves\x1b[J");
    CHECK(page.contains(kOtherScreen));
    CHECK(page.contains("alice "));
    CHECK_FALSE(page.contains("u59"));
    world.types("G");
    CHECK(world.shown_up_to("leaves\x1b[J").contains("u59"));
    CHECK(world.answer("q") == kScreenBefore + prompted());
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
    CHECK(world.shown() == kScreenBefore + std::string(kPasteOff));
    CHECK(world.status == 0);
  }
  SUBCASE("and where the session is ended the last line is on the screen before") {
    world.types("user list\r");
    world.shown_up_to("leaves\x1b[J");
    world.console->leave("bastion: an administrator has ended your session", 255);
    CHECK(world.shown() == kScreenBefore + std::string("\r\nbastion: an administrator has ended your session\r\n") +
                               std::string(kPasteOff));
  }
  SUBCASE("and a short one leaves the screen alone") {
    CHECK_FALSE(world.answer("user show alice\r").contains("\x1b[?1049"));
  }
}

TEST_CASE(
    "console: what comes with or behind the key that leaves a pager or a watch is not run, wherever it is split") {
  const std::string keys = "quser add p4\r";
  for (const bool watches : {false, true}) {
    CAPTURE(watches);
    ConsoleWorld world;
    for (int i = 10; i < 60; ++i) must(world.users.add(fmt::format("u{}", i), store::Role::user, 0));
    for (std::size_t split = 0; split <= keys.size(); ++split) {
      CAPTURE(split);
      world.types(watches ? "session watch\r" : "user list\r");
      world.shown_up_to(watches ? "Ctrl-C leaves.\x1b[K\r\n\x1b[J" : "leaves\x1b[J");
      for (const auto& piece : {keys.substr(0, split), keys.substr(split)}) {
        if (!piece.empty()) world.types(piece);
      }
      const auto text = world.shown_up_to(prompted());
      if (!watches) CHECK(text.contains("Not run: "));
      CHECK_FALSE(must(world.users.find("p4")));
    }
    CHECK(world.answer("user add p5\r").contains("user p5 added"));
  }
}

TEST_CASE("console: what comes with or behind the key that leaves a pager answers no question") {
  ConsoleWorld world;
  WireWriter size;
  size.u32(80).u32(1).u32(0).u32(0);
  world.rig.user(ChannelRequest{0, "window-change", false, size.view()});
  for (const std::string keys : {"q|y\r", "qy\r|", "qy|\r", "|qy\r", " |y\r", "\x03y|\r"}) {
    CAPTURE(keys);
    world.types("user remove alice\r");
    world.shown_up_to("leaves\x1b[J");
    const auto bar = keys.find('|');
    for (const auto& piece : {keys.substr(0, bar), keys.substr(bar + 1)}) {
      if (!piece.empty()) world.types(piece);
    }
    CHECK(world.shown_up_to(drawn("Remove alice and alice/web? (y/N) ", {})).contains("Not run: y\r\n"));
    CHECK(must(world.users.find("alice")));
    world.answer("n\r");
  }
}

TEST_CASE("console: of a paste nothing is a key of a pager or a watch, and its end is seen, wherever it is split") {
  struct Row {
    std::string what;
    std::string paste;
    std::string_view begun;  // by what has come before the split, and is awaited
    std::string_view shown;
  };
  const Row rows[] = {
      {"a long answer", "\x1b[200~user list\rq\ruser add p4\r\x1b[201~", "user list\r", "u59"},
      {"a watch", "\x1b[200~session watch\rquit\ruser add p4\r\x1b[201~", "session watch\r", "Ctrl-C leaves."},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    ConsoleWorld world;
    for (int i = 10; i < 60; ++i) must(world.users.add(fmt::format("u{}", i), store::Role::user, 0));
    for (std::size_t split = 0; split <= row.paste.size(); ++split) {
      CAPTURE(split);
      const bool watches = row.begun.starts_with("session");
      std::string text;
      const auto await = [&](std::string_view part) {
        test::run_until(world.loop, [&] {
          text += world.shown();
          return text.contains(part);
        });
      };
      world.shown();
      if (split > 0) world.types(row.paste.substr(0, split));
      if (row.paste.substr(0, split).contains(row.begun)) await(row.shown);
      if (split < row.paste.size()) world.types(row.paste.substr(split));
      await(row.shown);
      if (watches) world.types("q");
      if (!watches) await("Not run: ");
      test::run_until(world.loop, [&] {
        text += world.shown();
        return text.ends_with(prompted());
      });
      CHECK_FALSE(text.contains("?1049"));
      CHECK_FALSE(must(world.users.find("p4")));
      world.types("user sh\t");  // no paste any more: a tab is a key
      world.shown_up_to(prompted("user show "));
      world.answer(kCtrlC);
    }
  }
}

TEST_CASE("console: a paste into a pager is for nobody, and leaves it where it is") {
  const std::string paste = "\x1b[200~q\ruser add p4\r\x1b[201~";
  ConsoleWorld world;
  for (int i = 10; i < 60; ++i) must(world.users.add(fmt::format("u{}", i), store::Role::user, 0));
  for (std::size_t split = 0; split <= paste.size(); ++split) {
    CAPTURE(split);
    world.types("user list\r");
    world.shown_up_to("leaves\x1b[J");
    for (const auto& piece : {paste.substr(0, split), paste.substr(split)}) {
      if (!piece.empty()) world.types(piece);
    }
    CHECK(world.shown().ends_with("23 of 53 lines; Space, b, /, q leaves\x1b[J"));
    CHECK(world.answer("q") == kScreenBefore + prompted());
    CHECK_FALSE(must(world.users.find("p4")));
  }
}

TEST_CASE("console: Ctrl-C ends a paste whose end has come and was not read yet") {
  ConsoleWorld world;
  world.types("\x1b[200~user list\ruser add p4\r\x1b[201~");
  CHECK(world.answer(kCtrlC).ends_with("^C\r\n" + prompted()));
  world.types("user sh\t");
  world.shown_up_to(prompted("user show "));
  CHECK_FALSE(must(world.users.find("p4")));
}

TEST_CASE("console: Ctrl-C gives up a change that has not begun, and one that is only tried") {
  ConsoleWorld world;
  world.shown();
  std::atomic<bool> others_done = false;
  const auto busy = [&] {
    must(world.changes->submit([&] {
      while (!others_done) std::this_thread::yield();
    }));
  };
  SUBCASE("others are before it") {
    busy();
    world.types("user add dora\r");
    CHECK(world.answer(kCtrlC) == "^C\r\n" + prompted());
  }
  SUBCASE("a backend is asked first") {
    world.types("import incus --backend be1\r");
    test::run_until(world.loop, [&] { return world.runtime.asked == 1; });
    CHECK(world.answer(kCtrlC).ends_with("^C\r\n" + prompted()));
  }
  SUBCASE("it would be taken back") {
    must(world.database.run("BEGIN IMMEDIATE"));
    world.types("import sshpiper - --backend be1 --dry-run\r");
    test::run_until(world.loop, [&] { return world.changes->counts().running == 1; });
    CHECK(world.answer(kCtrlC).ends_with("^C\r\n" + prompted()));
    must(world.database.run("ROLLBACK"));
  }
  others_done = true;
  CHECK(world.answer("user add erin\r").contains("user erin added"));
  CHECK_FALSE(must(world.users.find("dora")));
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
