#include "bastion/connection/channel_closing.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace bastion::connection {
namespace {

using State = ChannelClosing::State;
using Fate = ChannelClosing::Fate;
using enum ChannelClosing::State;

// 'e' and 'c': the end says EOF, CLOSE; 'C': we send it CLOSE.
ChannelClosing after(std::string_view events) {
  ChannelClosing closing;
  for (const char event : events) {
    if (event == 'e') closing.receive_eof();
    if (event == 'c') closing.receive_close();
    if (event == 'C') std::ignore = closing.send_close();
  }
  return closing;
}

// EXTENDED_DATA, a question, then what else there is: '.' passes, '-' is ignored, 'N' is refused, 'X' breaks the
// protocol.
std::string fates_in(const ChannelClosing& closing) {
  const std::array<Message, 8> messages{ChannelExtendedData{0, kStderr, {}},
                                        ChannelRequest{0, "late@example.org", true, {}},
                                        ChannelRequest{0, "late@example.org", false, {}},
                                        ChannelData{0, {}},
                                        ChannelEof{0},
                                        ChannelClose{0},
                                        ChannelWindowAdjust{0, 1},
                                        ChannelSuccess{0}};
  std::string fates;
  for (const auto& message : messages) {
    switch (closing.fate_of(message)) {
      case Fate::passes: fates += '.'; break;
      case Fate::ignored: fates += '-'; break;
      case Fate::refused: fates += 'N'; break;
      case Fate::breach: fates += 'X'; break;
    }
  }
  return fates;
}

struct Row {
  std::string_view name;
  std::string_view reached_by;
  State state;
  State on_eof;
  State on_close;
  State on_close_sent;
  bool may_send;
  bool may_send_data;
  std::string_view fates;
};

// clang-format off
constexpr Row kRows[] = {
    {"open",                    "",   open,                    eof_received,            close_received, close_sent,              true,  true,  "........"},
    {"eof_received",            "e",  eof_received,            eof_received,            close_received, eof_received_close_sent, true,  true,  "X......."},
    {"close_sent",              "C",  close_sent,              eof_received_close_sent, closed,         close_sent,              false, false, "........"},
    {"eof_received_close_sent", "eC", eof_received_close_sent, eof_received_close_sent, closed,         eof_received_close_sent, false, false, "X......."},
    {"close_received",          "c",  close_received,          close_received,          close_received, closed,                  true,  false, "-N------"},
    {"closed",                  "cC", closed,                  closed,                  closed,         closed,                  false, false, "--------"},
};
// clang-format on

}  // namespace

TEST_CASE("each event moves each state of a closing as the table says") {
  for (const auto& row : kRows) {
    CAPTURE(row.name);
    const std::string here(row.reached_by);
    CHECK(after(here).state() == row.state);
    CHECK(after(here + "e").state() == row.on_eof);
    CHECK(after(here + "c").state() == row.on_close);
    CHECK(after(here + "C").state() == row.on_close_sent);
  }
}

TEST_CASE("what may still be said is a matter of the state") {
  for (const auto& row : kRows) {
    CAPTURE(row.name);
    const auto closing = after(row.reached_by);
    CHECK(closing.may_send() == row.may_send);
    CHECK(closing.may_send_data() == row.may_send_data);
    CHECK(closing.is_over() == (row.state == closed));
    CHECK(fates_in(closing) == row.fates);
  }
}

TEST_CASE("the order of the two CLOSEs and of an EOF before them does not matter in the end") {
  for (const std::string_view events : {"cC", "Cc", "ecC", "eCc", "Cec"}) {
    CAPTURE(events);
    CHECK(after(events).is_over());
  }
}

TEST_CASE("a CLOSE is sent once") {
  for (const std::string_view events : {"", "e", "c"}) {
    CAPTURE(events);
    auto closing = after(events);
    CHECK(closing.send_close());
    CHECK_FALSE(closing.send_close());
  }
}

}  // namespace bastion::connection
