// Messages that are well formed, and have no business to be said now.
#include <array>

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

// As Paramiko does: what comes next is said when the last request is answered, with yes or no.
Task<> one_request_at_a_time(Peer& peer) {
  peer.say(ChannelOpen{"session", 0, 100'000, 32'768, {}});
  const auto confirmed = co_await peer.hear_of<ChannelOpenConfirmation>();
  if (!confirmed) co_return;
  const auto channel = std::get<ChannelOpenConfirmation>(confirmed->message).sender;
  for (const auto* type : {"pty-req", "env", "x11-req", "auth-agent-req@openssh.com", "window-change", "unheard-of"}) {
    peer.say(ChannelRequest{channel, type, true, {}});
    bool answered = false;
    while (!answered) {
      const auto heard = co_await peer.hear();
      if (!heard) co_return;
      answered = std::holds_alternative<ChannelSuccess>(heard->message) ||
                 std::holds_alternative<ChannelFailure>(heard->message);
    }
  }
  peer.say(ChannelRequest{channel, "shell", true, {}});
  peer.say(ChannelEof{channel});
  co_await peer.hear_of<ChannelClose>();
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
