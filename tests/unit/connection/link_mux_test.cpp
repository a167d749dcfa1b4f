#include "bastion/connection/link_mux.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/base/wire_format.h"
#include "tests/unit/connection/recording_sink.h"

namespace bastion::connection {
namespace {

using Events = std::vector<std::string>;

struct LinkRig final : LinkMux::Delegate {
  RecordingSink sink;
  LinkMux mux{sink, *this};
  Events heard;

  void on_forward(bool is_there) override { heard.emplace_back(is_there ? "forward" : "no forward"); }
  void on_refused(std::string_view what) override { heard.emplace_back(what); }
  std::optional<ByteVector> prove_host_keys(Bytes request) override {
    return ByteVector(request.rbegin(), request.rend());
  }

  // What it sends in answer to this.
  Events asks(const Message& message) {
    auto packet = encode(message);
    CHECK(mux.receive(packet));
    return sink.said();
  }
  Events global(std::string_view name, std::string_view address, std::uint32_t port) {
    WireWriter where;
    where.string(address).u32(port);
    return asks(GlobalRequest{name, true, where.view()});
  }
};

std::string port_22() { return {'s', 'u', 'c', 'c', 'e', 's', 's', ' ', '\0', '\0', '\0', '\x16'}; }

}  // namespace

TEST_CASE("a link: one forward is granted, of whatever port, and no other one beside it") {
  LinkRig rig;
  CHECK(rig.mux.open() == nullptr);
  CHECK(rig.global("tcpip-forward", "localhost", 22) == Events{"success "});
  CHECK(rig.mux.has_forward());
  CHECK(rig.global("tcpip-forward", "localhost", 23) == Events{"failure"});
  CHECK(rig.global("cancel-tcpip-forward", "localhost", 23) == Events{"failure"});
  CHECK(rig.global("cancel-tcpip-forward", "localhost", 22) == Events{"success "});
  CHECK(rig.mux.open() == nullptr);
  CHECK(rig.global("tcpip-forward", "", 0) == Events{port_22()});
  CHECK(rig.global("cancel-tcpip-forward", "", 22) == Events{"success "});
  CHECK(rig.heard == Events{"forward", "another forward", "no forward", "forward", "no forward"});
}

TEST_CASE("a link: channels are opened as the forward was asked for") {
  LinkRig rig;
  rig.global("tcpip-forward", "*", 2200);
  const auto channel = rig.mux.open();
  REQUIRE(channel);
  auto packets = rig.sink.packets();
  REQUIRE(packets.size() == 1);
  const auto message = parse(packets.front());
  REQUIRE(message);
  const auto& open = std::get<ChannelOpen>(*message);
  CHECK(open.type == "forwarded-tcpip");
  WireReader in(open.payload);
  CHECK(in.text() == "*");
  CHECK(in.u32() == 2200);
  CHECK(in.text() == "127.0.0.1");
  CHECK(in.u32() == 0);
  CHECK(in.at_end());
  channel->write(bytes_of("SSH-"));
  CHECK(rig.asks(ChannelOpenConfirmation{open.sender, 7, 100, 100, {}}) == Events{"data 7 SSH-"});
}

TEST_CASE("a link: whatever else is asked for is refused") {
  LinkRig rig;
  const std::string why =
      "refuse 5 administratively prohibited: this key is a backend's, which only makes a link: ssh -N -R "
      "22:localhost:22";
  for (const auto* const type : {"session", "direct-tcpip", "direct-streamlocal@openssh.com", "x11"}) {
    CHECK(rig.asks(ChannelOpen{type, 5, 100, 100, {}}) == Events{why});
    CHECK(rig.heard == Events{type});
    rig.heard.clear();
  }
  CHECK(rig.global("streamlocal-forward@openssh.com", "/tmp/x", 0) == Events{"failure"});
  CHECK(rig.heard == Events{"streamlocal-forward@openssh.com"});
  CHECK(rig.asks(GlobalRequest{"keepalive@openssh.com", true, {}}) == Events{"failure"});
  CHECK(rig.asks(GlobalRequest{"no-more-sessions@openssh.com", false, {}}).empty());
  CHECK(rig.asks(GlobalRequest{"hostkeys-prove-00@openssh.com", true, bytes_of("abc")}) == Events{"success cba"});
  const std::string long_address(LinkMux::kLongestAddress + 1, 'x');
  CHECK(rig.global("tcpip-forward", long_address, 22) == Events{"failure"});
  CHECK(rig.asks(GlobalRequest{"tcpip-forward", true, bytes_of("x")}) == Events{"failure"});
  CHECK_FALSE(rig.mux.has_forward());
}

TEST_CASE("a link: a message of a channel that never was breaks the protocol, and answers to our questions do not") {
  LinkRig rig;
  rig.mux.ping();
  CHECK(rig.sink.said() == Events{"global keepalive@openssh.com true"});
  CHECK(rig.asks(RequestFailure{}).empty());
  auto packet = encode(ChannelData{3, bytes_of("x")});
  CHECK_FALSE(rig.mux.receive(packet));
}

}  // namespace bastion::connection
