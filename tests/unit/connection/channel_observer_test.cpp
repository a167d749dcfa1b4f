// What a channel's observer hears, and that the two ends never notice it.
#include "bastion/connection/channel_observer.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/connection/session_start.h"
#include "tests/unit/connection/relay_rig.h"

namespace bastion::connection {
namespace {

// Writes down what it hears.
class Scribe final : public ChannelObserver {
 public:
  explicit Scribe(Lines& lines) : lines_(lines) {}
  ~Scribe() override { lines_.emplace_back("gone"); }

  void on_message(Side from, const Message& message) override {
    lines_.push_back(fmt::format("{}: {}", from == Side::user ? "user" : "container", said(message)));
  }
  void on_end() override { lines_.emplace_back("end"); }

 private:
  // Without the number, which means nothing to an observer.
  static std::string said(const Message& message) {
    auto line = line_of(message);
    const auto number = line.find(' ');
    return line.erase(number, line.find(' ', number + 1) - number);
  }

  Lines& lines_;
};

// A relay whose every channel has a scribe.
struct ObservedRig {
  Lines heard;  // by all of them
  Rig rig;
  ObservedRig() {
    rig.observes = [this](Side opener, const ChannelOpen& open) {
      heard.push_back(fmt::format("{} opens {}", opener == Side::user ? "user" : "container", open.type));
      return std::make_unique<Scribe>(heard);
    };
  }
  Lines now_heard() { return std::exchange(heard, {}); }
};

ByteVector terminal_request(std::uint32_t columns, std::uint32_t rows) {
  WireWriter out;
  out.string(std::string_view{"xterm"}).u32(columns).u32(rows).u32(0).u32(0).string(std::string_view{});
  return out.take();
}

ByteVector size_of(std::uint32_t columns, std::uint32_t rows) {
  WireWriter out;
  out.u32(columns).u32(rows).u32(0).u32(0);
  return out.take();
}

ByteVector words(std::string_view text) {
  WireWriter out;
  out.string(text);
  return out.take();
}

}  // namespace

TEST_CASE("an observer hears a session from its first request to its end, in the order in which it passes") {
  ObservedRig observed;
  auto& rig = observed.rig;
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  CHECK(observed.now_heard() == Lines{"user opens session"});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.user(ChannelRequest{0, "pty-req", true, {}});
  rig.user(ChannelRequest{0, "shell", true, {}});
  rig.container(ChannelSuccess{0});
  rig.container(ChannelSuccess{0});
  rig.container(ChannelData{0, bytes_of("$ ")});
  rig.user(ChannelData{0, bytes_of("ls")});
  rig.container(ChannelExtendedData{0, kStderr, bytes_of("oh")});
  CHECK(observed.now_heard() == Lines{"user: request pty-req true", "user: request shell true",
                                      "container: channel-success", "container: channel-success", "container: data $ ",
                                      "user: data ls", "container: stderr oh"});
  rig.user(ChannelWindowAdjust{0, 7});
  rig.relay.say("a line", Relay::Audience::sessions);
  CHECK(observed.now_heard().empty());
  rig.user(ChannelEof{0});
  rig.container(ChannelRequest{0, "exit-status", false, {}});
  rig.container(ChannelClose{0});
  rig.user(ChannelClose{0});
  CHECK(observed.now_heard() ==
        Lines{"user: eof", "container: request exit-status false", "container: close", "user: close", "end", "gone"});
}

TEST_CASE("what was held until the container was there is heard when it passes, once") {
  ObservedRig observed;
  auto& rig = observed.rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.user(ChannelRequest{0, "exec", true, {}});
  rig.user(ChannelEof{0});
  CHECK(observed.now_heard().empty());
  rig.connect();
  CHECK(observed.now_heard() == Lines{"user opens session"});
  rig.container(ChannelOpenConfirmation{0, 9, 0, 200, {}});
  CHECK(observed.now_heard() == Lines{"user: request exec true", "user: eof"});
}

TEST_CASE("data that waits for a window is heard when it was said, and not again when it is sent") {
  ObservedRig observed;
  auto& rig = observed.rig;
  rig.connect();
  rig.user(ChannelOpen{"direct-tcpip", 5, 1000, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2, 100, {}});
  observed.now_heard();
  rig.user(ChannelData{0, bytes_of("abcd")});
  CHECK(observed.now_heard() == Lines{"user: data abcd"});
  rig.container(ChannelWindowAdjust{0, 100});
  CHECK(observed.now_heard().empty());
}

TEST_CASE("channels of both sides are observed, each by its own observer") {
  ObservedRig observed;
  auto& rig = observed.rig;
  rig.connect();
  rig.listen();
  rig.user(ChannelOpen{"direct-tcpip", 5, 1000, 100, {}});
  rig.container(rig.forwarded(3, 10, 10));
  CHECK(observed.now_heard() == Lines{"user opens direct-tcpip", "container opens forwarded-tcpip"});
  rig.user(ChannelOpenConfirmation{1, 8, 20, 20, {}});
  rig.container(ChannelData{1, bytes_of("sign")});
  CHECK(observed.now_heard() == Lines{"container: data sign"});
}

TEST_CASE("an opening that is refused is an observation without a message") {
  ObservedRig observed;
  auto& rig = observed.rig;
  rig.connect();
  rig.user(ChannelOpen{"direct-tcpip", 5, 1000, 100, {}});
  rig.container(ChannelOpenFailure{0, OpenFailureCode::connect_failed, "no"});
  CHECK(observed.heard == Lines{"user opens direct-tcpip", "end", "gone"});
}

TEST_CASE("nobody is asked for an observer of what does not get to the container") {
  ObservedRig observed;
  auto& rig = observed.rig;
  rig.connect();
  SUBCASE("because it is refused") {
    rig.why = "not for you";
    rig.user(ChannelOpen{"direct-tcpip", 5, 1000, 100, {}});
  }
  SUBCASE("because the bastion serves it") {
    rig.serves = true;
    rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
    rig.user(ChannelRequest{0, "shell", true, {}});
    const auto session = rig.sessions.front().serve(100);
    rig.user(ChannelData{0, bytes_of("2")});
  }
  CHECK(observed.heard.empty());
}

TEST_CASE("a session that was served first is observed from where it goes on, with all it has asked for") {
  ObservedRig observed;
  auto& rig = observed.rig;
  rig.serves = true;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.user(ChannelRequest{0, "pty-req", true, terminal_request(80, 24)});
  rig.user(ChannelRequest{0, "shell", true, {}});
  const auto session = rig.sessions.front().serve(100);
  rig.user(ChannelData{0, bytes_of("2")});
  session->pass();
  rig.connect();
  CHECK(observed.now_heard() == Lines{"user opens session"});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  CHECK(observed.now_heard() == Lines{"user: request pty-req true", "user: request shell true"});
}

TEST_CASE("an observer hears the start that takes the place of the one asked for") {
  struct Reader final : ChannelObserver {
    explicit Reader(std::string& to) : command(to) {}
    void on_message(Side /*from*/, const Message& message) override {
      if (const auto* request = std::get_if<ChannelRequest>(&message)) command = parse_start(*request)->words;
    }
    void on_end() override {}
    std::string& command;
  };
  std::string command;
  Rig rig;
  rig.observes = [&](Side /*opener*/, const ChannelOpen& /*open*/) { return std::make_unique<Reader>(command); };
  rig.connect();
  rig.forced = "uptime";
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.user(ChannelRequest{0, "exec", true, words("rm -r .")});
  CHECK(command == "uptime");
}

TEST_CASE("a request that is refused is heard as what the container refuses in its place") {
  ObservedRig observed;
  auto& rig = observed.rig;
  rig.connect();
  rig.open_session();
  observed.now_heard();
  rig.why = "no agents";
  rig.user(ChannelRequest{0, "auth-agent-req@openssh.com", true, {}});
  rig.container(ChannelFailure{0});
  CHECK(observed.now_heard() == Lines{"user: request refused@bastion true", "container: channel-failure"});
}

TEST_CASE("a start that is refused ends the observation") {
  ObservedRig observed;
  auto& rig = observed.rig;
  rig.connect();
  rig.open_session();
  observed.now_heard();
  rig.why = "for administrators";
  rig.user(ChannelRequest{0, "subsystem", true, {}});
  rig.container(ChannelFailure{0});
  CHECK(observed.now_heard() == Lines{"user: request refused@bastion true", "end", "gone"});
  rig.container(ChannelData{0, bytes_of("$ ")});
  CHECK(observed.now_heard().empty());
}

TEST_CASE("an observation ends when the container is lost, or the relay is") {
  Lines heard;
  auto rig = std::make_unique<Rig>();
  rig->observes = [&](Side /*opener*/, const ChannelOpen& /*open*/) { return std::make_unique<Scribe>(heard); };
  rig->connect();
  rig->open_session();
  heard.clear();
  SUBCASE("the container") {
    rig->relay.disconnect("lost", 255);
    rig->user(ChannelData{0, bytes_of("late")});
  }
  SUBCASE("the relay") { rig.reset(); }
  CHECK(heard == Lines{"end", "gone"});
}

// The two observers that are to come, in small: all they need is here.

TEST_CASE("a terminal can be recorded: its sizes, its output and its input") {
  struct Recorder final : ChannelObserver {
    explicit Recorder(std::string& to) : cast(to) {}
    void on_message(Side from, const Message& message) override {
      if (const auto* request = std::get_if<ChannelRequest>(&message)) {
        if (const auto terminal = parse_terminal(*request)) resized(terminal->columns, terminal->rows);
        if (request->type != "window-change") return;
        WireReader in(request->payload);
        const auto columns = in.u32();
        resized(columns, in.u32());
      } else if (const auto data = data_of(message); !data.empty()) {
        cast += fmt::format("{}{} ", from == Side::user ? "<" : ">", text_of(data));
      }
    }
    void on_end() override { cast += "."; }
    void resized(std::uint32_t columns, std::uint32_t rows) { cast += fmt::format("{}x{} ", columns, rows); }
    std::string& cast;
  };
  std::string cast;
  Rig rig;
  rig.observes = [&](Side /*opener*/, const ChannelOpen& /*open*/) { return std::make_unique<Recorder>(cast); };
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.user(ChannelRequest{0, "pty-req", true, terminal_request(80, 24)});
  rig.user(ChannelRequest{0, "shell", true, {}});
  rig.container(ChannelData{0, bytes_of("$")});
  rig.user(ChannelRequest{0, "window-change", false, size_of(132, 50)});
  rig.user(ChannelData{0, bytes_of("exit")});
  rig.container(ChannelClose{0});
  rig.user(ChannelClose{0});
  CHECK(cast == "80x24 >$ 132x50 <exit .");
}

TEST_CASE("a subsystem can be logged, and only the one that was granted") {
  struct SftpLog final : ChannelObserver {
    explicit SftpLog(Lines& to) : lines(to) {}
    void on_message(Side from, const Message& message) override {
      if (const auto* request = std::get_if<ChannelRequest>(&message)) {
        if (const auto start = parse_start(*request)) asked = *start;
      }
      if (std::holds_alternative<ChannelSuccess>(message)) {
        is_sftp = asked.kind == SessionStart::Kind::subsystem && asked.words == "sftp";
      }
      if (const auto data = data_of(message); is_sftp && !data.empty()) {
        lines.push_back(fmt::format("{}{}", from == Side::user ? "<" : ">", text_of(data)));
      }
    }
    void on_end() override {}
    Lines& lines;
    SessionStart asked;
    bool is_sftp = false;
  };
  Lines lines;
  Rig rig;
  rig.observes = [&](Side /*opener*/, const ChannelOpen& /*open*/) { return std::make_unique<SftpLog>(lines); };
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.user(ChannelRequest{0, "subsystem", true, words("no-such-thing")});
  rig.container(ChannelFailure{0});
  rig.user(ChannelRequest{0, "subsystem", true, words("sftp")});
  rig.container(ChannelSuccess{0});
  rig.user(ChannelData{0, bytes_of("open")});
  rig.container(ChannelData{0, bytes_of("handle")});
  CHECK(lines == Lines{"<open", ">handle"});
}

// Throws where it is told to.
struct Faulty final : ChannelObserver {
  Faulty(std::string_view word, Lines& to) : fault(word), lines(to) {}
  ~Faulty() override { lines.emplace_back("gone"); }
  void on_message(Side /*from*/, const Message& message) override {
    lines.emplace_back("message");
    if (text_of(data_of(message)) == fault) throw std::runtime_error("the disk is full");
  }
  void on_end() override {
    lines.emplace_back("end");
    if (fault == "end") throw std::runtime_error("the disk is full");
  }
  std::string_view fault;
  Lines& lines;
};

TEST_CASE("an observer that throws ends its observation, and nothing else") {
  Lines heard;
  std::string_view fault;
  Rig rig;
  rig.observes = [&](Side /*opener*/, const ChannelOpen& /*open*/) -> std::unique_ptr<ChannelObserver> {
    if (fault == "asking") throw std::runtime_error("there is no disk");
    return std::make_unique<Faulty>(fault, heard);
  };
  Lines expected;
  SUBCASE("when it is asked for") { fault = "asking"; }
  SUBCASE("when it hears something") {
    fault = "one";
    expected = {"message", "gone"};
  }
  SUBCASE("when it hears the end") {
    fault = "end";
    expected = {"message", "message", "message", "message", "end", "gone"};
  }
  rig.connect();
  rig.user(ChannelOpen{"direct-tcpip", 5, 1000, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  CHECK(rig.user(ChannelData{0, bytes_of("one")}));
  CHECK(rig.user(ChannelData{0, bytes_of("two")}));
  CHECK(rig.container(ChannelClose{0}));
  CHECK(rig.user(ChannelClose{0}));
  CHECK(rig.to_container() == Lines{"open direct-tcpip sender=0 window=1000", "data 9 one", "data 9 two", "close 9"});
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=2000", "close 5"});
  CHECK_FALSE(rig.relay.has_channels());
  CHECK(heard == expected);
}

TEST_CASE("the two ends hear the same, observed or not") {
  const auto conversation = [](Rig& rig) {
    rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
    rig.user(ChannelRequest{0, "exec", true, {}});
    rig.connect();
    rig.container(ChannelOpenConfirmation{0, 9, 2000, 64, {}});
    rig.container(ChannelSuccess{0});
    rig.user(ChannelData{0, ByteVector(100, 'x')});
    rig.container(ChannelData{0, bytes_of("out")});
    rig.user(ChannelEof{0});
    rig.container(ChannelEof{0});
    rig.container(ChannelClose{0});
    rig.user(ChannelClose{0});
    return std::pair(rig.to_user(), rig.to_container());
  };
  Rig unobserved;
  ObservedRig observed;
  CHECK(conversation(unobserved) == conversation(observed.rig));
}

}  // namespace bastion::connection
