// What a packet of bulk costs in the middle: whole transports in memory, with a user at one end and an sshd at the
// other. A change that copies a packet once more, or asks for memory for each, fails here.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "bastion/base/byte_queue.h"
#include "bastion/base/wire_format.h"
#include "bastion/connection/local_channels.h"
#include "bastion/connection/mux.h"
#include "bastion/transport/client_session.h"
#include "bastion/transport/server_session.h"
#include "tests/support/counted_work.h"
#include "tests/support/memory_stream.h"

namespace bastion::transport {
namespace {

using connection::LocalChannel;

constexpr std::size_t kMessage = 32 * 1024;
constexpr std::size_t kMessages = 512;
// As a connection has it: so much is read at once, so much the kernel takes. Neither is a number of packets.
constexpr std::size_t kRead = 64 * 1024;
constexpr std::size_t kSent = 50'000;

// A connection of the machine in the middle. What its kernel does is not counted, what we do is.
class MiddleWire final : public ByteStream {
 public:
  explicit MiddleWire(test::Work& work) : work_(work) {}
  void read_to(Reader* reader) override { reader_ = reader; }
  [[nodiscard]] MutableBytes prepare(std::size_t size) override { return unsent_.prepare(size); }
  void commit(std::size_t size) override { unsent_.commit(size); }
  [[nodiscard]] std::size_t backlog() const override { return unsent_.size(); }
  void end() override {}
  void pause() override {}
  void resume() override {}

  // The peer reads and writes at once; false when there was nothing to do.
  bool exchange_with(test::MemoryStream& peer) {
    const bool sent = send_to(peer);
    return receive_from(peer) || sent;
  }

 private:
  bool send_to(test::MemoryStream& peer) {
    if (unsent_.empty()) return false;
    const auto piece = Bytes{unsent_.front()}.first(std::min(kSent, unsent_.size()));
    ByteVector bytes(piece.begin(), piece.end());
    const bool was_above = unsent_.size() > kLowWater;
    {
      const test::CountedWork counted(work_);
      unsent_.take(piece.size());
      if (was_above && unsent_.size() <= kLowWater) reader_->on_drained();
    }
    peer.hear(bytes);
    return true;
  }
  bool receive_from(test::MemoryStream& peer) {
    if (peer.backlog() == 0) return false;
    auto space = reader_->space(kRead);
    ByteVector scratch(space.empty() ? kRead : 0);
    if (space.empty()) space = scratch;
    const auto size = peer.say(space);
    const test::CountedWork counted(work_);
    reader_->on_bytes(space.first(size));
    return true;
  }

  test::Work& work_;
  Reader* reader_ = nullptr;
  ByteQueue unsent_;
};

// Hands on what it hears, or counts it where it ends.
struct RelayLeg final : Session::Delegate {
  void on_message(MutableBytes packet) override {
    if (to != nullptr) return to->send(packet);
    heard += packet.size();
    whole = whole && packet.size() > kMessage && packet[packet.size() - 1] == 'x';
  }
  void on_drained() override {}
  void on_lost(const Loss& loss) override { FAIL(loss.text); }

  Session* to = nullptr;
  std::size_t heard = 0;
  bool whole = true;
};

// A hop's side of the bastion.
struct HopEar final : Session::Delegate {
  explicit HopEar(connection::Mux& of) : mux(of) {}
  void on_message(MutableBytes packet) override {
    if (!mux.receive(packet)) FAIL("the peer has broken the protocol");
  }
  void on_drained() override { mux.drained(); }
  void on_lost(const Loss& loss) override { FAIL(loss.text); }

  connection::Mux& mux;
};

// The sshd of a backend, which opens the one channel that it is asked for.
struct BackendEar final : Session::Delegate {
  explicit BackendEar(Session& on) : session(on), channels(on) {}
  void on_message(MutableBytes packet) override {
    const auto message = connection::parse(packet);
    if (const auto* open = std::get_if<connection::ChannelOpen>(&*message)) {
      channel = channels.opened(0, {open->sender, open->window, open->max_packet}, LocalChannel::kWindow);
      session.send(connection::encode(
          connection::ChannelOpenConfirmation{open->sender, 0, LocalChannel::kWindow, LocalChannel::kMaxPacket, {}}));
      return;
    }
    CHECK(channels.receive(0, *message, packet));
  }
  void on_drained() override { channels.drained(); }
  void on_lost(const Loss& loss) override { FAIL(loss.text); }

  Session& session;
  connection::LocalChannels channels;
  std::unique_ptr<LocalChannel> channel;
};

Task<> let_in(ServerSession& server) {
  while (true) {
    auto request = co_await server.auth_requests().next();
    request.grant();
  }
}

Task<> log_in(ClientSession& client, const KeyPair& identity) {
  const auto key = co_await client.host_key();
  if (!key) co_return;
  client.authenticate(identity);
  co_await client.authenticated();
}

std::vector<KeyPair> some_keys() {
  std::vector<KeyPair> keys;
  keys.push_back(*KeyPair::generate(KeyPair::Kind::ed25519));
  return keys;
}

struct Middle {
  explicit Middle(std::string cipher) : options{.account = "alice", .ciphers = std::move(cipher)} {}

  template <typename WireType, typename... Arguments>
  std::unique_ptr<ByteStream> make(WireType*& seen, Arguments&... arguments) {
    auto stream = std::make_unique<WireType>(arguments...);
    seen = stream.get();
    return stream;
  }
  void start(ServerSession& server, ClientSession& client) {
    serving.push_back(let_in(server));
    serving.back().start([] {});
    serving.push_back(log_in(client, identity));
    serving.back().start([] {});
  }
  // Two connections end in the middle: the user's, and one to a container or to its backend. Each has its turn.
  void pump() {
    bool more = true;
    while (more) {
      const bool near = near_wire->exchange_with(*user_wire);
      more = far_wire->exchange_with(*peer_wire) || near;
    }
  }
  void relay_between(ServerSession& near, ClientSession& far) {
    near_leg.to = &far;
    far_leg.to = &near;
    near.report_to(&near_leg);
    far.report_to(&far_leg);
  }
  test::Work relay(Session& from, RelayLeg& to) {
    WireWriter message;
    message.u8(94).u32(7).string(std::string(kMessage, 'x'));
    const auto start = to.heard;
    for (std::size_t i = 0; i < kMessages; ++i) {
      if (i == kMessages / 2) {  // until then, buffers grow
        pump();
        work = {};
      }
      from.send(message.view());
      if (i % 4 == 3) pump();
    }
    pump();
    CHECK(to.heard - start == kMessages * message.view().size());
    CHECK(to.whole);
    return work;
  }

  ClientSession::Options options;
  std::vector<KeyPair> keys = some_keys();
  KeyPair identity = *KeyPair::generate(KeyPair::Kind::ed25519);
  ServerProfile profile{keys, "", "publickey"};
  test::Work work;
  test::MemoryStream* user_wire = nullptr;
  test::MemoryStream* peer_wire = nullptr;
  MiddleWire* near_wire = nullptr;
  MiddleWire* far_wire = nullptr;
  RelayLeg near_leg;
  RelayLeg far_leg;
  RelayLeg user_leg;
  RelayLeg sshd_leg;
  std::vector<Task<>> serving;
};

struct WithoutHop : Middle {
  explicit WithoutHop(const std::string& cipher) : Middle(cipher) {
    relay_between(near, far);
    user.report_to(&user_leg);
    sshd.report_to(&sshd_leg);
    start(near, user);
    start(sshd, far);
    pump();
  }

  ServerSession near{make(near_wire, work), profile};
  ClientSession user{make(user_wire), options};
  ServerSession sshd{make(peer_wire), profile};
  ClientSession far{make(far_wire, work), options};
};

struct ThroughHop : Middle {
  explicit ThroughHop(const std::string& cipher) : Middle(cipher) {
    user.report_to(&user_leg);
    hop.report_to(&hop_ear);
    backend.report_to(&backend_ear);
    start(near, user);
    start(backend, hop);
    pump();
    auto channel = mux.open_direct_tcpip("10.0.3.2", 22);
    pump();
    sshd.emplace(std::move(backend_ear.channel), profile);
    far.emplace(std::move(channel), options);
    sshd->report_to(&sshd_leg);
    relay_between(near, *far);
    start(*sshd, *far);
    pump();
  }

  ServerSession near{make(near_wire, work), profile};
  ClientSession user{make(user_wire), options};
  ServerSession backend{make(peer_wire), profile};
  ClientSession hop{make(far_wire, work), options};
  connection::Mux mux{hop};
  HopEar hop_ear{mux};
  BackendEar backend_ear{backend};
  std::optional<ServerSession> sshd;
  std::optional<ClientSession> far;
};

struct Cost {
  double copies = 0;       // of each byte
  double allocations = 0;  // for each message
};

Cost cost_of(const test::Work& work) {
  constexpr auto kCounted = static_cast<double>(kMessages - kMessages / 2);
  return {.copies = static_cast<double>(work.copied) / (kCounted * kMessage),
          .allocations = static_cast<double>(work.allocations) / kCounted};
}

void check_cost(const Cost& cost, const Cost& bound) {
  MESSAGE("copies of a byte: ", cost.copies, ", allocations for a message: ", cost.allocations);
  CHECK(cost.copies <= bound.copies);
  CHECK(cost.allocations <= bound.allocations);
}

constexpr auto kAead = {"aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"};

}  // namespace

TEST_CASE("without a hop a byte is copied once, and no message asks for memory") {
  constexpr Cost kBound{.copies = 1.5, .allocations = 0.1};
  for (const auto* const cipher : kAead) {
    CAPTURE(std::string_view(cipher));
    WithoutHop world(cipher);
    check_cost(cost_of(world.relay(world.user, world.sshd_leg)), kBound);
    check_cost(cost_of(world.relay(world.sshd, world.user_leg)), kBound);
  }
}

TEST_CASE("through a hop a byte is copied twice, and few messages ask for memory") {
  constexpr Cost kBound{.copies = 2.5, .allocations = 0.5};
  for (const auto* const cipher : kAead) {
    CAPTURE(std::string_view(cipher));
    ThroughHop world(cipher);
    check_cost(cost_of(world.relay(world.user, world.sshd_leg)), kBound);
    check_cost(cost_of(world.relay(*world.sshd, world.user_leg)), kBound);
  }
}

}  // namespace bastion::transport
