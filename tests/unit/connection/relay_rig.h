// A relay between two sinks, and a delegate who says what a test tells it to say.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bastion/base/wire_format.h"
#include "bastion/connection/relay.h"
#include "tests/unit/connection/recording_sink.h"

namespace bastion::connection {

using Lines = std::vector<std::string>;

// The payloads by which a user asks for a listener on port 8080 of the container (RFC 4254 section 7.1), and by which
// the container says that it was connected (section 7.2).
inline ByteVector listener() {
  WireWriter out;
  out.string(std::string_view{"localhost"}).u32(8080);
  return out.take();
}
inline ByteVector connected_listener() {
  WireWriter out;
  out.string(std::string_view{"localhost"}).u32(8080).string(std::string_view{"127.0.0.1"}).u32(40000);
  return out.take();
}

struct Rig final : Relay::Delegate {
  RecordingSink user_sink;
  RecordingSink container_sink;
  Relay relay{user_sink, *this};

  // What the delegate says; everything passes unless a test says otherwise.
  std::string why;  // set: everything is refused
  bool serves = false;
  std::string notice;  // of what passes in a session
  std::string forced;  // set: the command in place of every other
  int wanted = 0;
  int held_up = 0;  // how often a reply had to wait for a forward's
  Lines unasked;    // what the container opened and nobody had asked for
  ByteVector asked = listener();
  ByteVector connected = connected_listener();
  std::function<std::unique_ptr<ChannelObserver>(Side opener, const ChannelOpen& open)> observes;  // where it is set
  std::function<std::unique_ptr<ChannelFilter>(const ChannelRequest& request)> filters;            // where it is set
  std::vector<ChannelOffer> channels;
  std::vector<SessionOffer> sessions;

  std::variant<Pass, Refuse, Serve> on_open(Side /*from*/, const ChannelOpen& /*open*/) override {
    if (!why.empty()) return Refuse{why};
    if (serves) return Serve{};
    return Pass{};
  }
  std::optional<Refuse> on_global_request(const GlobalRequest& /*request*/) override {
    return why.empty() ? std::nullopt : std::optional(Refuse{why});
  }
  std::variant<Pass, Refuse, Replace> on_session_request(const ChannelRequest& request, Attached /*to*/) override {
    if (!why.empty()) return Refuse{why};
    if (!forced.empty()) return Replace{{.kind = SessionStart::Kind::command, .words = forced}};
    return Pass{.notice = notice, .filter = filters ? filters(request) : nullptr};
  }
  void on_reply_held_up() override { ++held_up; }
  void on_unasked_open(const ChannelOpen& open) override { unasked.emplace_back(open.type); }
  void on_channel_offer(const ChannelOpen& /*open*/, ChannelOffer offer) override {
    channels.push_back(std::move(offer));
  }
  void on_session_offer(SessionOffer offer) override { sessions.push_back(std::move(offer)); }
  void on_container_wanted() override { ++wanted; }
  std::unique_ptr<ChannelObserver> observer_of(Side opener, const ChannelOpen& open) override {
    return observes ? observes(opener, open) : nullptr;
  }
  std::optional<ByteVector> prove_host_keys(Bytes request) override {
    if (text_of(request) != "ours") return std::nullopt;
    const auto proof = bytes_of("proof");
    return ByteVector(proof.begin(), proof.end());
  }

  bool user(const Message& message) { return receive(Side::user, message); }
  bool container(const Message& message) { return receive(Side::container, message); }
  bool receive(Side side, const Message& message) {
    auto packet = encode(message);
    return relay.receive(side, packet).has_value();
  }
  void connect() { relay.connect(container_sink); }
  Lines to_user() { return user_sink.said(); }
  Lines to_container() { return container_sink.said(); }

  // The user asks for the listener and is granted it.
  void listen() {
    user(GlobalRequest{"tcpip-forward", true, asked});
    container(RequestSuccess{});
    to_user();
    to_container();
  }
  // What the container opens when that was connected.
  [[nodiscard]] ChannelOpen forwarded(std::uint32_t sender, std::uint32_t window, std::uint32_t max_packet) const {
    return {"forwarded-tcpip", sender, window, max_packet, connected};
  }

  // A session as OpenSSH opens it, up to its running command. The user calls it 5, the container 9, we 0.
  void open_session() {
    user(ChannelOpen{"session", 5, 1000, 100, {}});
    container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
    user(ChannelRequest{0, "exec", true, {}});
    container(ChannelSuccess{0});
    to_user();
    to_container();
  }
};

}  // namespace bastion::connection
