// Messages that are well formed, and have no business to be said now.
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/base/wire_format.h"
#include "tests/hostile/behaviour.h"

namespace bastion::hostile {
namespace {

using namespace connection;

constexpr const char* kCommand = "cat";
constexpr std::uint32_t kNoChannel = 4711;

// What a behaviour says once a session runs, given the session's number.
template <void (*say)(Peer& peer, std::uint32_t channel)>
Task<> in_a_session(Peer& peer) {
  const auto channel = co_await peer.session_running({}, kCommand);
  if (!channel) co_return;
  say(peer, *channel);
  co_await peer.settled();
}

// What a session may ask before its start, with what sshd insists on reading.
std::vector<std::pair<std::string_view, ByteVector>> early_requests() {
  WireWriter terminal;
  terminal.string(std::string_view{"xterm"}).u32(80).u32(24).u32(0).u32(0).string(std::string_view{});
  WireWriter variable;
  variable.string(std::string_view{"LC_ALL"}).string(std::string_view{"C"});
  WireWriter display;
  display.boolean(false).string(std::string_view{"MIT-MAGIC-COOKIE-1"}).string(std::string_view{"00"}).u32(0);
  WireWriter size;
  size.u32(90).u32(30).u32(0).u32(0);
  return {{"pty-req", terminal.take()},       {"env", variable.take()},       {"x11-req", display.take()},
          {"auth-agent-req@openssh.com", {}}, {"window-change", size.take()}, {"unheard-of", {}}};
}

// As Paramiko does: what comes next is said when the last request is answered, with yes or no.
Task<> one_request_at_a_time(Peer& peer) {
  peer.say(ChannelOpen{"session", 0, 100'000, 32'768, {}});
  const auto confirmed = co_await peer.hear_of<ChannelOpenConfirmation>();
  if (!confirmed) co_return;
  const auto channel = std::get<ChannelOpenConfirmation>(confirmed->message).sender;
  for (const auto& [type, payload] : early_requests()) {
    peer.say(ChannelRequest{channel, type, true, payload});
    bool answered = false;
    while (!answered) {
      const auto heard = co_await peer.hear();
      if (!heard) co_return;
      answered = std::holds_alternative<ChannelSuccess>(heard->message) ||
                 std::holds_alternative<ChannelFailure>(heard->message);
    }
  }
  WireWriter command;
  command.string(std::string_view{"true"});
  peer.say(ChannelRequest{channel, "exec", true, command.view()});
  co_await peer.hear_of<ChannelClose>();
}

// A server that does everything but answer for a listener, until it was asked for signs of life so often.
Task<> forward_answered_late(Peer& peer) {
  constexpr int kSigns = 8;
  const auto forward = co_await peer.hear_of<GlobalRequest>();
  if (!forward) co_return;
  WireWriter nothing;
  nothing.u8(2).string(std::string_view{});
  for (int asked = 0; asked < kSigns;) {
    const auto question = co_await peer.hear_of<GlobalRequest>();
    if (!question) co_return;
    asked += std::get<GlobalRequest>(question->message).want_reply ? 1 : 0;
    peer.say_bytes(nothing.view());
  }
  peer.say(RequestSuccess{});
  for (int asked = 0; asked < kSigns; ++asked) peer.say(RequestFailure{});
  co_await peer.settled();
}

void shell_twice(Peer& peer, std::uint32_t channel) {
  for (int i = 0; i < 2; ++i) peer.say(ChannelRequest{channel, "shell", true, {}});
}
void requests_after_eof(Peer& peer, std::uint32_t channel) {
  peer.say(ChannelEof{channel});
  peer.say(ChannelRequest{channel, "window-change", false, std::array<std::uint8_t, 16>{}});
}
void data_after_eof(Peer& peer, std::uint32_t channel) {
  peer.say(ChannelEof{channel});
  peer.say(ChannelData{channel, bytes_of("after all")});
}
void eof_by_the_dozen(Peer& peer, std::uint32_t channel) {
  for (int i = 0; i < 12; ++i) peer.say(ChannelEof{channel});
}
void requests_after_close(Peer& peer, std::uint32_t channel) {
  peer.say(ChannelClose{channel});
  peer.say(ChannelRequest{channel, "exec", true, {}});
}
void data_after_close(Peer& peer, std::uint32_t channel) {
  peer.say(ChannelClose{channel});
  peer.say(ChannelData{channel, bytes_of("after all")});
}
void close_twice(Peer& peer, std::uint32_t channel) {
  for (int i = 0; i < 2; ++i) peer.say(ChannelClose{channel});
}
void confirmed_again(Peer& peer, std::uint32_t channel) {
  peer.say(ChannelOpenConfirmation{channel, 1, 1000, 1000, {}});
}
void refused_after_all(Peer& peer, std::uint32_t channel) {
  peer.say(ChannelOpenFailure{channel, OpenFailureCode::connect_failed, "after all"});
}
void channel_replies_nobody_asked_for(Peer& peer, std::uint32_t channel) {
  for (int i = 0; i < 100; ++i) peer.say(ChannelSuccess{channel});
  peer.say(ChannelFailure{channel});
}
void exit_status_by_the_dozen(Peer& peer, std::uint32_t channel) {
  for (int i = 0; i < 12; ++i) peer.say(ChannelRequest{channel, "exit-status", false, std::array<std::uint8_t, 4>{}});
}

template <typename Kind>
Task<> to_no_channel(Peer& peer) {
  Kind message;
  message.recipient = kNoChannel;
  peer.say(message);
  return peer.settled();
}

Task<> global_reply_nobody_asked_for(Peer& peer) {
  peer.say(RequestSuccess{});
  return peer.settled();
}

// Every message cut off in its middle.
Task<> malformed(Peer& peer) {
  const auto whole = encode(ChannelOpen{"session", 0, 1000, 1000, {}});
  peer.say_bytes(Bytes{whole}.first(whole.size() - 2));
  return peer.settled();
}

constexpr Behaviour kOrder[] = {
    {"one_request_at_a_time", one_request_at_a_time},
    {"forward_answered_late", forward_answered_late},
    {"shell_twice", in_a_session<shell_twice>},
    {"requests_after_eof", in_a_session<requests_after_eof>},
    {"data_after_eof", in_a_session<data_after_eof>},
    {"eof_by_the_dozen", in_a_session<eof_by_the_dozen>},
    {"requests_after_close", in_a_session<requests_after_close>},
    {"data_after_close", in_a_session<data_after_close>},
    {"close_twice", in_a_session<close_twice>},
    {"confirmed_again", in_a_session<confirmed_again>},
    {"refused_after_all", in_a_session<refused_after_all>},
    {"channel_replies_nobody_asked_for", in_a_session<channel_replies_nobody_asked_for>},
    {"exit_status_by_the_dozen", in_a_session<exit_status_by_the_dozen>},
    {"data_to_no_channel", to_no_channel<ChannelData>},
    {"close_of_no_channel", to_no_channel<ChannelClose>},
    {"adjust_of_no_channel", to_no_channel<ChannelWindowAdjust>},
    {"request_to_no_channel", to_no_channel<ChannelRequest>},
    {"confirmation_of_no_channel", to_no_channel<ChannelOpenConfirmation>},
    {"refusal_of_no_channel", to_no_channel<ChannelOpenFailure>},
    {"global_reply_nobody_asked_for", global_reply_nobody_asked_for},
    {"malformed", malformed},
};

}  // namespace

std::span<const Behaviour> about_order() { return kOrder; }

}  // namespace bastion::hostile
