// Several channels of one hop: what one of them has on its way delays all others.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/connection/mux.h"
#include "tests/unit/connection/recording_sink.h"

namespace bastion::connection {
namespace {

using Lines = std::vector<std::string>;

constexpr std::uint32_t kPlenty = LocalChannel::kWindow;
constexpr std::uint32_t kPacket = LocalChannel::kMaxPacket;
constexpr std::size_t kLeast = 4 * LocalChannel::kMaxPacket;

struct MuxLeg final : ByteStream::Reader {
  void on_bytes(MutableBytes bytes) override { heard += bytes.size(); }
  void on_drained() override {}
  void on_eof() override {}
  void on_lost(const Error& /*why*/) override {}

  std::size_t heard = 0;
};

// Two channels, 0 and 1, which the peer calls 100 and 101.
struct SharingRig {
  explicit SharingRig(std::size_t bytes) {
    mux.share(bytes);
    for (std::uint32_t number = 0; number < 2; ++number) {
      auto& channel = channels.emplace_back(mux.open_direct_tcpip("10.0.3.100", 22));
      channel->read_to(&leg);
      peer(ChannelOpenConfirmation{number, 100 + number, kPlenty, kPacket, {}});
    }
    opening = sink.said();
  }
  void peer(const Message& message) {
    auto packet = encode(message);
    CHECK(mux.receive(packet));
  }
  void hear(std::uint32_t channel, std::size_t bytes) { peer(ChannelData{channel, ByteVector(bytes, 'x')}); }
  void write(std::size_t channel, std::size_t bytes) { channels[channel]->write(ByteVector(bytes, 'x')); }
  std::size_t sent() { return sink.packets().size(); }

  RecordingSink sink;
  Mux mux{sink};
  MuxLeg leg;
  std::vector<std::unique_ptr<LocalChannel>> channels;
  Lines opening;
};

}  // namespace

TEST_CASE("a channel may have on its way what the transport carries, within bounds") {
  CHECK(SharingRig(1'000'000).opening[0] == "open direct-tcpip sender=0 window=1000000");
  CHECK(SharingRig(0).opening[0] == "open direct-tcpip sender=0 window=65536");
  SharingRig much(1'000'000'000);
  CHECK(much.opening[0] == "open direct-tcpip sender=0 window=2097152");
  much.hear(0, 100'000);
  CHECK(much.sink.said() == Lines{"adjust 100 6391456"});  // 8 MiB with what is left of the first window
}

TEST_CASE("channels that stand still keep a window each, and more only within a bound for all of them") {
  constexpr std::uint32_t kChannels = 60;
  constexpr std::size_t kMost = kChannels * std::size_t{LocalChannel::kWindow} + 32 * 1024 * 1024;
  RecordingSink sink;
  Mux mux(sink);
  MuxLeg leg;
  std::vector<std::unique_ptr<LocalChannel>> channels;
  std::size_t unread = 0;
  for (std::uint32_t number = 0; number < kChannels; ++number) {
    mux.share(1'000'000'000);
    auto& channel = channels.emplace_back(mux.open_direct_tcpip("10.0.3.100", 22));
    channel->read_to(&leg);
    auto confirmation = encode(ChannelOpenConfirmation{number, 100 + number, kPlenty, kPacket, {}});
    REQUIRE(mux.receive(confirmation));
    sink.packets();
    // Its reader has so much of it and then stops, and what was granted is sent.
    constexpr std::size_t kRead = 64;
    std::size_t granted = LocalChannel::kWindow;
    for (std::size_t sent = 0; granted >= kPacket; ++sent) {
      if (sent == kRead) channel->pause();
      auto data = encode(ChannelData{number, ByteVector(kPacket, 'x')});
      REQUIRE(mux.receive(data));
      granted -= kPacket;
      if (sent >= kRead) unread += kPacket;
      for (const auto& packet : sink.packets()) granted += std::get<ChannelWindowAdjust>(*parse(packet)).bytes;
    }
  }
  CHECK(unread > 30 * 1024 * 1024);
  CHECK(unread <= kMost);
  // One of them goes: what it had is another one's.
  channels.front().reset();
  sink.packets();
  auto data = encode(ChannelData{kChannels - 1, ByteVector(16, 'x')});
  channels.back()->resume();
  REQUIRE(mux.receive(data));
  std::size_t again = 0;
  for (const auto& packet : sink.packets()) again += std::get<ChannelWindowAdjust>(*parse(packet)).bytes;
  CHECK(again > LocalChannel::kWindow);
}

TEST_CASE("of a small share half is granted again") {
  SharingRig rig(0);
  rig.hear(0, 32'767);
  CHECK(rig.sink.said().empty());
  rig.hear(0, 1);
  CHECK(rig.sink.said() == Lines{"adjust 100 32768"});
}

TEST_CASE("while the line is to be empty, every channel has the least there is, and afterwards what it had") {
  SharingRig rig(1'000'000);
  rig.mux.throttle(true);
  rig.hear(0, 950'000);
  CHECK(rig.sink.said().empty());
  rig.hear(0, 20'000);
  CHECK(rig.sink.said() == Lines{"adjust 100 35536"});
  rig.mux.throttle(false);
  rig.hear(0, 30'000);
  CHECK(rig.sink.said() == Lines{"adjust 100 964464"});
}

TEST_CASE("channels that carry much share it, and those that do not are not counted") {
  SharingRig rig(1'000'000);
  rig.hear(0, 100'000);
  rig.mux.share(1'000'000);
  rig.hear(0, 400'000);
  CHECK(rig.sink.said() == Lines{"adjust 100 100000", "adjust 100 400000"});
  rig.hear(1, 100'000);
  CHECK(rig.sink.said() == Lines{"adjust 101 100000"});
  rig.mux.share(1'000'000);
  rig.hear(0, 590'000);
  CHECK(rig.sink.said().empty());
  rig.hear(0, 10'000);
  CHECK(rig.sink.said() == Lines{"adjust 100 100000"});
}

TEST_CASE("a writer stops at its share, and goes on when the peer makes room") {
  SharingRig rig(0);
  rig.write(0, 2 * kLeast);
  CHECK(rig.sent() == 4);
  rig.peer(ChannelWindowAdjust{0, kPacket});
  CHECK(rig.sent() == 1);
  rig.write(1, 2 * kLeast);
  CHECK(rig.sent() == 4);
}

TEST_CASE("a peer that wants to have more before it makes room gets it") {
  SharingRig rig(0);
  rig.write(0, 8 * kLeast);
  CHECK(rig.sent() == 4);
  rig.mux.share(0);
  CHECK(rig.sent() == 4);
  rig.mux.share(0);
  CHECK(rig.sent() == 8);
  rig.peer(ChannelWindowAdjust{0, 2 * kLeast});
  CHECK(rig.sent() == 8);
  rig.mux.share(0);
  CHECK(rig.sent() == 0);
}

TEST_CASE("a peer that has stood still keeps to its share again when it goes on") {
  SharingRig rig(0);
  rig.write(0, 16 * kLeast);
  for (int i = 0; i < 3; ++i) rig.mux.share(0);
  CHECK(rig.sent() == 32);
  rig.peer(ChannelWindowAdjust{0, kPacket});
  CHECK(rig.sent() == 0);
  rig.peer(ChannelWindowAdjust{0, 30 * kPacket});
  CHECK(rig.sent() == 3);
}

TEST_CASE("where nothing is shared, a writer keeps to the peer's window only") {
  RecordingSink sink;
  Mux mux(sink);
  const auto channel = mux.open_direct_tcpip("10.0.3.100", 22);
  auto confirmation = encode(ChannelOpenConfirmation{0, 100, 4 * kPlenty, kPacket, {}});
  CHECK(mux.receive(confirmation));
  sink.packets();
  channel->write(ByteVector(3 * kPlenty, 'x'));
  CHECK(sink.packets().size() == 3 * kPlenty / kPacket);
}

TEST_CASE("when there is room again, whoever has little to say comes first") {
  SharingRig rig(kPlenty);
  rig.sink.congest(true);
  rig.write(0, 4 * kPacket);
  rig.channels[1]->write(bytes_of("x"));
  rig.sink.congest(false);
  rig.mux.drained();
  CHECK(rig.sink.said().front() == "data 101 x");
}

TEST_CASE("those who have much to say take turns") {
  SharingRig rig(kPlenty);
  rig.sink.congest(true);
  rig.write(0, 4 * kPacket);
  rig.write(1, 4 * kPacket);
  rig.sink.congest(false);
  rig.sink.congest_at(1);
  std::string order;
  for (int i = 0; i < 4; ++i) {
    rig.mux.drained();
    order += rig.sink.said().front().substr(0, 9) + ' ';
  }
  CHECK(order == "data 100  data 101  data 100  data 101  ");
}

}  // namespace bastion::connection
