#include "tests/hostile/channel_states.h"

#include "bastion/connection/session_start.h"

namespace bastion::hostile {
namespace {

using namespace connection;
using Reached = std::optional<std::uint32_t>;

constexpr std::uint32_t kUnusedChannel = 4711;
// Runs for longer than a cell takes, whatever becomes of its standard input.
constexpr const char* kPatient = "sleep 20";

Task<Reached> never_opened(Peer& /*peer*/) { co_return kUnusedChannel; }

// The server opens a channel, and has no answer yet.
Task<Reached> opening(Peer& peer) {
  peer.say(ChannelOpen{"session", 0, 1000, 1000, {}});
  const auto confirmed = co_await peer.hear_of<ChannelOpenConfirmation>();
  if (!confirmed) co_return std::nullopt;
  const auto session = std::get<ChannelOpenConfirmation>(confirmed->message).sender;
  const SessionStart ask_agent{.kind = SessionStart::Kind::command, .words = "ssh-add -l"};
  peer.say(ChannelRequest{session, "auth-agent-req@openssh.com", false, {}});
  peer.say_bytes(encode_start(session, false, ask_agent));
  const auto open = co_await peer.hear_of<ChannelOpen>();
  if (!open) co_return std::nullopt;
  co_return std::get<ChannelOpen>(open->message).sender;
}

Task<Reached> open(Peer& peer) { return peer.session_running({}, kPatient); }

Task<Reached> after_eof_of_client(Peer& peer) {
  const auto channel = co_await peer.session_running({}, kPatient);
  if (channel) peer.say(ChannelEof{*channel});
  co_return channel;
}

Task<Reached> after_eof_of_server(Peer& peer) {
  const auto channel = co_await peer.session_running({}, "exec >&- 2>&-; sleep 20");
  const auto eof = co_await peer.hear_of<ChannelEof>();
  co_return eof ? channel : std::nullopt;
}

Task<Reached> closed_by_server(Peer& peer) {
  const auto channel = co_await peer.session_running({}, "true");
  const auto close = co_await peer.hear_of<ChannelClose>();
  co_return close ? channel : std::nullopt;
}

Task<Reached> closed_by_client(Peer& peer) {
  const auto channel = co_await peer.session_running({}, kPatient);
  if (channel) peer.say(ChannelClose{*channel});
  co_return channel;
}

Task<Reached> closed_by_both(Peer& peer) {
  const auto channel = co_await closed_by_server(peer);
  if (channel) peer.say(ChannelClose{*channel});
  co_return channel;
}

constexpr ChannelState kStates[] = {
    {"never_opened", never_opened},
    {"opening", opening},
    {"open", open},
    {"after_eof_of_client", after_eof_of_client},
    {"after_eof_of_server", after_eof_of_server},
    {"closed_by_server", closed_by_server},
    {"closed_by_client", closed_by_client},
    {"closed_by_both", closed_by_both},
};

constexpr ChannelUtterance kUtterances[] = {
    {"confirmation",
     [](Peer& peer, std::uint32_t channel) { peer.say(ChannelOpenConfirmation{channel, 1, 1000, 1000, {}}); }},
    {"refusal",
     [](Peer& peer, std::uint32_t channel) {
       peer.say(ChannelOpenFailure{channel, OpenFailureCode::connect_failed, "after all"});
     }},
    {"adjust", [](Peer& peer, std::uint32_t channel) { peer.say(ChannelWindowAdjust{channel, 1000}); }},
    {"data", [](Peer& peer, std::uint32_t channel) { peer.say(ChannelData{channel, bytes_of("late")}); }},
    {"stderr",
     [](Peer& peer, std::uint32_t channel) { peer.say(ChannelExtendedData{channel, kStderr, bytes_of("late")}); }},
    {"eof", [](Peer& peer, std::uint32_t channel) { peer.say(ChannelEof{channel}); }},
    {"close", [](Peer& peer, std::uint32_t channel) { peer.say(ChannelClose{channel}); }},
    {"request",
     [](Peer& peer, std::uint32_t channel) { peer.say(ChannelRequest{channel, "late@example.org", false, {}}); }},
    {"question",
     [](Peer& peer, std::uint32_t channel) { peer.say(ChannelRequest{channel, "late@example.org", true, {}}); }},
    {"success", [](Peer& peer, std::uint32_t channel) { peer.say(ChannelSuccess{channel}); }},
    {"failure", [](Peer& peer, std::uint32_t channel) { peer.say(ChannelFailure{channel}); }},
};

}  // namespace

std::span<const ChannelState> channel_states() { return kStates; }
std::span<const ChannelUtterance> channel_utterances() { return kUtterances; }

Task<std::string> fate_of(Peer& peer, std::uint32_t channel, ChannelUtterance utterance) {
  utterance.say(peer, channel);
  const GlobalRequest question{"keepalive@openssh.com", true, {}};
  peer.say(question);
  std::string answers;
  const auto add = [&](std::string_view answer) { answers.append(answers.empty() ? "" : " ").append(answer); };
  while (const auto heard = co_await peer.hear()) {
    const auto& message = heard->message;
    if (std::holds_alternative<RequestSuccess>(message) || std::holds_alternative<RequestFailure>(message)) {
      co_return answers.empty() ? "ignored" : answers;
    }
    if (std::holds_alternative<ChannelSuccess>(message)) add("success");
    if (std::holds_alternative<ChannelFailure>(message)) add("failure");
    if (std::holds_alternative<ChannelClose>(message)) add("close");
  }
  co_return "ends";
}

}  // namespace bastion::hostile
