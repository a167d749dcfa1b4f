#include "bastion/connection/mux.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/connection/recording_sink.h"

namespace bastion::connection {
namespace {

using Said = std::vector<std::string>;

struct Leg final : ByteStream::Reader {
  void on_bytes(MutableBytes bytes) override { heard += text_of(bytes); }
  void on_drained() override { ++drained; }
  void on_eof() override { ++ended; }
  void on_lost(const Error& why) override { lost = why.text; }

  std::string heard;
  int drained = 0;
  int ended = 0;
  std::string lost;
};

struct MuxRig {
  RecordingSink sink;
  Mux mux{sink};
  Leg leg;
  std::unique_ptr<LocalChannel> channel = mux.open_direct_tcpip("10.0.3.100", 22);

  MuxRig() { channel->read_to(&leg); }
  bool peer(const Message& message) {
    auto packet = encode(message);
    return mux.receive(packet).has_value();
  }
  void open(std::uint32_t window = 100, std::uint32_t max_packet = 10) {
    peer(ChannelOpenConfirmation{0, 7, window, max_packet, {}});
    sink.said();
  }
};

}  // namespace

TEST_CASE("a channel is opened with a window and sends nothing before it is confirmed") {
  MuxRig rig;
  CHECK(rig.sink.said() == Said{"open direct-tcpip sender=0 window=2097152"});
  rig.channel->write(bytes_of("early"));
  CHECK(rig.sink.said().empty());
  rig.peer(ChannelOpenConfirmation{0, 7, 100, 100, {}});
  CHECK(rig.sink.said() == Said{"data 7 early"});
}

TEST_CASE("writing keeps to the peer's window and packet size") {
  MuxRig rig;
  rig.open(12, 10);
  rig.channel->write(bytes_of("0123456789abcdef"));
  CHECK(rig.sink.said() == Said{"data 7 0123456789", "data 7 ab"});
  CHECK(rig.channel->backlog() == 4);
  rig.peer(ChannelWindowAdjust{0, 100});
  CHECK(rig.sink.said() == Said{"data 7 cdef"});
}

TEST_CASE("a peer that accepts packets larger than any transport carries is sent usual ones") {
  MuxRig rig;
  rig.open(10 * LocalChannel::kMaxPacket, 0xffffffff);
  rig.channel->write(bytes_of(std::string(3 * LocalChannel::kMaxPacket, 'x')));
  for (const auto& packet : rig.sink.packets()) {
    CHECK(std::get<ChannelData>(*parse(packet)).data.size() == LocalChannel::kMaxPacket);
  }
}

TEST_CASE("a congested transport is not fed, and catches up when it has room") {
  MuxRig rig;
  rig.open();
  rig.sink.congest(true);
  rig.channel->write(bytes_of("later"));
  CHECK(rig.sink.said().empty());
  rig.sink.congest(false);
  rig.mux.drained();
  CHECK(rig.sink.said() == Said{"data 7 later"});
}

TEST_CASE("a writer that went too far hears when it may go on") {
  MuxRig rig;
  rig.open(0, 32768);
  rig.channel->write(ByteVector(ByteStream::kHighWater + 1, 'x'));
  CHECK(rig.leg.drained == 0);
  rig.peer(ChannelWindowAdjust{0, ByteStream::kHighWater});
  CHECK(rig.leg.drained == 1);
}

// As OpenSSH does: a peer far away is not to wait until half of its window is used.
TEST_CASE("what was read is granted again when it is three packets") {
  MuxRig rig;
  rig.open();
  const ByteVector packet(LocalChannel::kMaxPacket, 'x');
  rig.peer(ChannelData{0, packet});
  rig.peer(ChannelData{0, packet});
  CHECK(rig.sink.said().empty());
  rig.peer(ChannelData{0, packet});
  CHECK(rig.sink.said() == Said{"adjust 7 98304"});
}

TEST_CASE("a paused reader gets nothing, grants nothing, and loses nothing") {
  MuxRig rig;
  rig.open();
  rig.channel->pause();
  const ByteVector half(LocalChannel::kWindow / 2, 'x');
  rig.peer(ChannelData{0, half});
  rig.peer(ChannelEof{0});
  CHECK(rig.leg.heard.empty());
  CHECK(rig.sink.said().empty());
  rig.channel->resume();
  CHECK(rig.leg.heard.size() == half.size());
  CHECK(rig.leg.ended == 1);
  CHECK(rig.leg.lost.empty());
  rig.peer(ChannelClose{0});
  CHECK(rig.leg.lost == "the connection was closed");
}

TEST_CASE("data beyond the window breaks the protocol") {
  MuxRig rig;
  rig.open();
  rig.channel->pause();
  CHECK(rig.peer(ChannelData{0, ByteVector(LocalChannel::kWindow, 'x')}));
  CHECK_FALSE(rig.peer(ChannelData{0, bytes_of("x")}));
}

TEST_CASE("an end of file follows what was written, and the peer may go on") {
  MuxRig rig;
  rig.open(4, 10);
  rig.channel->write(bytes_of("0123456"));
  rig.channel->end();
  CHECK(rig.sink.said() == Said{"data 7 0123"});
  rig.peer(ChannelWindowAdjust{0, 10});
  CHECK(rig.sink.said() == Said{"data 7 456", "eof 7"});
  CHECK(rig.leg.drained == 1);
  CHECK(rig.peer(ChannelData{0, bytes_of("still here")}));
  CHECK(rig.leg.heard == "still here");
}

TEST_CASE("a writer that is to end hears no sooner than when everything is sent") {
  MuxRig rig;
  rig.open(0, 32768);
  rig.channel->write(ByteVector(ByteStream::kHighWater + 1, 'x'));
  rig.channel->end();
  rig.peer(ChannelWindowAdjust{0, ByteStream::kHighWater});
  CHECK(rig.channel->backlog() == 1);
  CHECK(rig.leg.drained == 0);
  rig.peer(ChannelWindowAdjust{0, 1});
  CHECK(rig.channel->backlog() == 0);
  CHECK(rig.leg.drained == 1);
}

TEST_CASE("data after the peer's end of file is dropped, and extended data breaks the protocol, as for OpenSSH") {
  MuxRig rig;
  rig.open();
  CHECK(rig.peer(ChannelEof{0}));
  CHECK(rig.peer(ChannelData{0, bytes_of("x")}));
  CHECK(rig.leg.heard.empty());
  CHECK_FALSE(rig.peer(ChannelExtendedData{0, kStderr, bytes_of("x")}));
}

TEST_CASE("a refused opening says why") {
  MuxRig rig;
  rig.peer(ChannelOpenFailure{0, OpenFailureCode::connect_failed, "Connection refused"});
  CHECK(rig.channel->opened().is_set());
  CHECK(rig.mux.channels() == 0);
}

TEST_CASE("a channel is closed once, by whoever is first") {
  SUBCASE("by us") {
    MuxRig rig;
    rig.open();
    rig.channel.reset();
    CHECK(rig.sink.said() == Said{"close 7"});
    CHECK(rig.mux.channels() == 1);
    CHECK(rig.peer(ChannelData{0, bytes_of("late")}));
    CHECK(rig.peer(ChannelClose{0}));
    CHECK(rig.sink.said().empty());
    CHECK(rig.mux.channels() == 0);
  }
  SUBCASE("by the peer") {
    MuxRig rig;
    rig.open();
    rig.peer(ChannelClose{0});
    CHECK(rig.sink.said() == Said{"close 7"});
    CHECK(rig.leg.lost == "the connection was closed");
    rig.channel.reset();
    CHECK(rig.sink.said().empty());
  }
  SUBCASE("before it was confirmed") {
    MuxRig rig;
    rig.sink.said();
    rig.channel.reset();
    CHECK(rig.sink.said().empty());
    rig.peer(ChannelOpenConfirmation{0, 7, 1, 1, {}});
    CHECK(rig.sink.said() == Said{"close 7"});
  }
}

TEST_CASE("a lost transport ends every channel") {
  MuxRig rig;
  rig.open();
  rig.mux.lost(Error{"gone"});
  CHECK(rig.leg.lost == "gone");
  rig.channel->write(bytes_of("into the void"));
  CHECK(rig.sink.said().empty());
}

TEST_CASE("a backend that asks something is answered politely") {
  MuxRig rig;
  rig.sink.said();
  rig.peer(GlobalRequest{"hostkeys-00@openssh.com", false, {}});
  rig.peer(GlobalRequest{"keepalive@openssh.com", true, {}});
  rig.peer(ChannelOpen{"forwarded-tcpip", 3, 1, 1, {}});
  CHECK(rig.sink.said() == Said{"failure", "refuse 3 the bastion opens channels here, it does not accept them"});
}

TEST_CASE("messages for channels that do not exist break the protocol") {
  for (const Message& message : std::vector<Message>{ChannelData{9, {}}, ChannelClose{9}, ChannelEof{9},
                                                     ChannelOpenConfirmation{9, 1, 1, 1, {}}}) {
    MuxRig rig;
    CHECK_FALSE(rig.peer(message));
  }
}

TEST_CASE("a channel that is lost with much unsent is drained, so that who paused it hears of the loss") {
  MuxRig rig;
  rig.open(0);
  rig.channel->write(ByteVector(ByteStream::kHighWater + 1, 'x'));
  rig.channel->pause();
  rig.peer(ChannelData{0, bytes_of("last words")});
  rig.peer(ChannelClose{0});
  CHECK(rig.leg.drained == 1);
  CHECK(rig.channel->backlog() == 0);
  rig.channel->resume();
  CHECK(rig.leg.heard == "last words");
  CHECK_FALSE(rig.leg.lost.empty());
}

}  // namespace bastion::connection
