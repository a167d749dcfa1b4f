#include "bastion/http/connection.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace bastion::http {

using Serves = Connection::Serves;

// Takes what is written, as fast as it is told to.
struct Browser final : ByteStream {
  void read_to(Reader* reader) override { reader_ = reader; }
  MutableBytes prepare(std::size_t size) override {
    room.resize(size);
    return room;
  }
  void commit(std::size_t size) override {
    unread.append(bastion::text_of(room).substr(0, size));
    if (is_fast) read();
  }
  [[nodiscard]] std::size_t backlog() const override { return unread.size(); }
  void end() override { ended = true; }
  void pause() override { paused = true; }
  void resume() override { paused = false; }

  void say(std::string text) { reader_->on_bytes({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }
  void leave() { reader_->on_eof(); }
  void read() { got += std::exchange(unread, {}); }
  void catch_up() {
    read();
    reader_->on_drained();
  }

  bool is_fast = true;
  ByteVector room;
  std::string unread;
  std::string got;
  bool ended = false;
  bool paused = false;
  Reader* reader_ = nullptr;
};

struct Conversed final : Connection::Delegate {
  explicit Conversed(Serves serves = Serves::many) : connection(browser, {.head = 512, .body = 64}, serves, *this) {
    connection.start();
  }
  void on_request(Request request) override {
    asked.push_back(request.method + " " + request.path + " " + request.body);
    if (answers) connection.answer({.body = "<" + request.path + ">"});
  }
  void on_answered() override { ++answered; }
  void on_sent() override { ++sent; }
  void on_over() override { ++over; }

  Browser browser;
  std::vector<std::string> asked;
  bool answers = true;
  int answered = 0;
  int sent = 0;
  int over = 0;
  Connection connection;
};

TEST_CASE("http connection: requests that come at once are answered in order, one after the other") {
  Conversed one;
  one.browser.say("GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\ncontent-length: 2\r\n\r\nhiGET /c HT");
  CHECK(one.asked == std::vector<std::string>{"GET /a ", "POST /b hi"});
  one.browser.say("TP/1.1\r\nconnection: close\r\n\r\nGET /d HTTP/1.1\r\n\r\n");
  CHECK(one.asked.size() == 3);
  const auto at = [&](std::string_view what) { return one.browser.got.find(what); };
  CHECK(at("</a>") < at("</b>"));
  CHECK(at("</b>") < at("</c>"));
  CHECK(one.browser.ended);
  CHECK(one.sent == 1);
  CHECK(one.answered == 2);
}

TEST_CASE("http connection: what comes while a request is answered waits, and no more than a request may have") {
  Conversed one;
  one.answers = false;
  one.browser.say("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
  CHECK(one.asked.size() == 1);
  CHECK_FALSE(one.browser.paused);
  one.browser.say(std::string(600, 'x'));
  CHECK(one.browser.paused);
  one.connection.answer({.body = "a"});
  CHECK(one.asked.size() == 2);
  one.connection.answer({.body = "b"});
  // What followed is none.
  CHECK(one.browser.got.contains("HTTP/1.1 431 "));
  CHECK(one.browser.ended);
  one.connection.answer({.body = "nobody has asked"});
  CHECK_FALSE(one.browser.got.contains("nobody"));
}

TEST_CASE("http connection: whoever does not read an answer is not read beyond that either") {
  Conversed one;
  one.answers = false;
  one.browser.is_fast = false;
  one.browser.say("GET /a HTTP/1.1\r\n\r\n");
  one.connection.answer({.body = std::string(ByteStream::kHighWater + 1, 'a')});
  CHECK(one.answered == 1);
  std::string requests;
  for (int i = 0; i < 40; ++i) requests += "GET /b HTTP/1.1\r\n\r\n";
  one.browser.say(requests);
  CHECK(one.asked.size() == 1);
  CHECK(one.browser.paused);
  one.answers = true;
  one.browser.is_fast = true;
  one.browser.catch_up();
  CHECK(one.asked.size() == 41);
  CHECK_FALSE(one.browser.paused);
}

TEST_CASE("http connection: an answer may be the last one") {
  Conversed one;
  one.answers = false;
  one.browser.say("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
  one.connection.answer({.body = "no"}, Behind::closes);
  CHECK(one.browser.got.contains("\r\nConnection: close\r\n"));
  CHECK(one.browser.ended);
  CHECK(one.asked == std::vector<std::string>{"GET /a "});
}

TEST_CASE("http connection: a large answer goes as it is read") {
  Conversed one;
  one.answers = false;
  one.browser.is_fast = false;
  one.browser.say("GET /a HTTP/1.1\r\n\r\n");
  one.connection.answer({.body = std::string(1'000'000, 'x')});
  CHECK(one.browser.backlog() < 2 * ByteStream::kHighWater);
  CHECK(one.answered == 0);
  for (int i = 0; i < 100 && one.answered == 0; ++i) one.browser.catch_up();
  one.browser.read();
  CHECK(one.answered == 1);
  CHECK(one.browser.got.ends_with("xxx"));
  CHECK(one.browser.got.size() > 1'000'000);
}

TEST_CASE("http connection: a stream goes until the end, and nothing is read meanwhile") {
  Conversed one;
  one.answers = false;
  one.browser.say("GET /live HTTP/1.1\r\n\r\n");
  one.connection.begin_stream({.type = "text/event-stream"});
  CHECK(one.browser.got.contains("text/event-stream"));
  CHECK(one.connection.has_room());
  one.browser.is_fast = false;
  one.connection.write("event: a\n\n");
  CHECK_FALSE(one.connection.has_room());
  one.browser.say("GET /other HTTP/1.1\r\n\r\n");
  CHECK(one.asked.size() == 1);
  one.connection.end();
  CHECK(one.sent == 0);
  one.browser.catch_up();
  CHECK(one.sent == 1);
  CHECK(one.over == 0);
}

TEST_CASE("http connection: who leaves ends it, but not before the answer they wait for") {
  Conversed idle;
  idle.browser.leave();
  CHECK(idle.over == 1);

  Conversed waits;
  waits.answers = false;
  waits.browser.say("GET /a HTTP/1.1\r\n\r\n");
  waits.browser.leave();
  CHECK(waits.over == 0);
  waits.connection.answer({.body = "late"});
  CHECK(waits.browser.got.ends_with("late"));
  CHECK(waits.browser.got.contains("Connection: close"));
  CHECK(waits.sent == 1);

  Conversed live;
  live.answers = false;
  live.browser.say("GET /a HTTP/1.1\r\n\r\n");
  live.connection.begin_stream({.type = "text/event-stream"});
  live.browser.leave();
  CHECK(live.over == 1);
}

TEST_CASE("http connection: what is no request ends it, and so does one where one is served") {
  Conversed wrong;
  wrong.browser.say("SSH-2.0-x\r\n\r\n");
  CHECK(wrong.browser.got.starts_with("HTTP/1.1 400 "));
  CHECK(wrong.browser.ended);
  CHECK(wrong.asked.empty());

  Conversed once(Serves::one);
  once.browser.say("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
  CHECK(once.asked.size() == 1);
  CHECK(once.browser.ended);

  Conversed head;
  head.browser.say("HEAD /a HTTP/1.1\r\n\r\n");
  CHECK(head.browser.got.contains("Content-Length: 4"));
  CHECK(head.browser.got.ends_with("\r\n\r\n"));
}

}  // namespace bastion::http
