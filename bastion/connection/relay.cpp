#include "bastion/connection/relay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bastion/base/wire_format.h"

namespace bastion::connection {
namespace {

constexpr std::uint32_t kEarlyMaxPacket = 32 * 1024;
constexpr std::uint32_t kLostExitStatus = 255;

bool starts_command(std::string_view request) {
  return request == "shell" || request == "exec" || request == "subsystem";
}

Bytes data_of(const Message& message) {
  if (const auto* data = std::get_if<ChannelData>(&message)) return data->data;
  if (const auto* data = std::get_if<ChannelExtendedData>(&message)) return data->data;
  return {};
}

}  // namespace

Relay::Relay(PacketSink& user, HostKeyProver prove_host_keys)
    : user_(user), prove_host_keys_(std::move(prove_host_keys)) {}

Result<> Relay::receive(Side from, MutableBytes packet) {
  const auto message = parse(packet);
  if (!message) return std::unexpected(message.error());
  if (const auto* request = std::get_if<GlobalRequest>(&*message)) return on_global_request(from, *request, packet);
  if (const auto* open = std::get_if<ChannelOpen>(&*message)) return on_open(from, *open, packet);
  if (const auto* confirmation = std::get_if<ChannelOpenConfirmation>(&*message)) {
    return on_confirmation(from, *confirmation);
  }
  if (const auto* failure = std::get_if<ChannelOpenFailure>(&*message)) return on_open_failure(from, *failure, packet);
  if (std::holds_alternative<RequestSuccess>(*message) || std::holds_alternative<RequestFailure>(*message)) {
    return on_global_reply(from, packet);
  }
  return on_channel_message(from, *message, packet);
}

// --- global requests

Result<> Relay::on_global_request(Side from, const GlobalRequest& request, Bytes packet) {
  if (from == Side::user) return on_global_request_of_user(request, packet);
  // The container's own host keys are none of the user's business: she knows the bastion's.
  if (request.name == "hostkeys-00@openssh.com") return {};
  if (asked_user_.size() >= kMaxOwedReplies) return fail("too many unanswered global requests");
  if (request.want_reply) asked_user_.push_back(Asker::other_side);
  user_.send(packet);
  return {};
}

Result<> Relay::on_global_request_of_user(const GlobalRequest& request, Bytes packet) {
  if (owed_user_.size() >= kMaxOwedReplies) return fail("too many unanswered global requests");
  if (request.name == "hostkeys-prove-00@openssh.com") {
    const auto proof = prove_host_keys_(request.payload);
    owed_user_.owe(proof ? encode(RequestSuccess{*proof}) : encode(RequestFailure{}), user_);
    return {};
  }
  switch (phase_) {
    case Phase::connected: forward_global(packet, request); return {};
    case Phase::refusing: break;
    case Phase::waiting:
      if (request.name == "keepalive@openssh.com") break;  // it is us she wants to hear from
      if (request.want_reply) owed_user_.owe();
      return hold(held_.emplace_back().packet, packet);
  }
  if (request.want_reply) owed_user_.owe(encode(RequestFailure{}), user_);
  return {};
}

void Relay::forward_global(Bytes packet, const GlobalRequest& request) {
  if (request.want_reply) {
    owed_user_.owe();
    asked_container_.push_back(Asker::other_side);
  }
  container_->send(packet);
}

Result<> Relay::on_global_reply(Side from, Bytes packet) {
  auto& waiting = asked(from);
  if (waiting.empty()) return fail("a reply to a global request that nobody made");
  const auto asker = waiting.front();
  waiting.pop_front();
  if (asker == Asker::bastion) return {};
  if (from == Side::container) {
    owed_user_.answer(packet, user_);
  } else if (phase_ == Phase::connected) {
    container_->send(packet);
  }
  return {};
}

void Relay::ping(Side side) {
  asked(side).push_back(Asker::bastion);
  sink(side).send(encode(GlobalRequest{"keepalive@openssh.com", true, {}}));
}

// --- opening channels

Result<> Relay::on_open(Side from, const ChannelOpen& open, Bytes packet) {
  const auto refuse_open = [&](OpenFailureCode code, std::string_view why) {
    sink(from).send(encode(ChannelOpenFailure{open.sender, code, why}));
  };
  if (channels_.full()) {
    refuse_open(OpenFailureCode::resource_shortage, "too many channels in one connection");
    return {};
  }
  const bool is_session = open.type == "session";
  if (phase_ == Phase::refusing && !is_session) {
    refuse_open(OpenFailureCode::connect_failed, sentence_);
    return {};
  }

  const auto [number, channel] = channels_.add(RelayedChannel{.opener = from, .is_session = is_session});
  if (phase_ == Phase::refusing) channel->refusal = sentence_;
  channel->at(from) = {.number = open.sender, .window = open.window, .max_packet = open.max_packet};
  if (phase_ == Phase::connected) {
    forward_open(number, *channel, open);
    return {};
  }
  if (is_session) {
    channel->confirmed_early = true;
    user_.send(encode(ChannelOpenConfirmation{open.sender, number, 0, kEarlyMaxPacket, {}}));
  }
  return phase_ == Phase::waiting ? hold(held_.emplace_back(number).packet, packet) : Result<>{};
}

void Relay::forward_open(std::uint32_t number, RelayedChannel& channel, const ChannelOpen& open) {
  sink(other(channel.opener)).send(encode(ChannelOpen{open.type, number, open.window, open.max_packet, open.payload}));
}

Result<> Relay::on_confirmation(Side from, const ChannelOpenConfirmation& confirmation) {
  if (phase_ == Phase::refusing) return {};  // the container that was opening it is gone
  auto* channel = channels_.find(confirmation.recipient);
  if (channel == nullptr || channel->opener == from || channel->at(from).number) {
    return fail("a confirmation of channel {}, which was not being opened", confirmation.recipient);
  }
  channel->at(from) = {
      .number = confirmation.sender, .window = confirmation.window, .max_packet = confirmation.max_packet};
  const auto opener = channel->opener;
  if (!channel->confirmed_early) {
    sink(opener).send(
        encode(ChannelOpenConfirmation{*channel->at(opener).number, confirmation.recipient, confirmation.window,
                                       confirmation.max_packet, confirmation.payload}));
    return {};
  }
  if (confirmation.window > 0) user_.send(encode(ChannelWindowAdjust{*channel->user.number, confirmation.window}));
  auto held = std::move(channel->held);
  channel->held.clear();
  for (auto& packet : held) {
    held_bytes_ -= packet.size();
    if (const auto again = receive(Side::user, packet); !again) return again;
  }
  return {};
}

Result<> Relay::on_open_failure(Side from, const ChannelOpenFailure& failure, MutableBytes packet) {
  if (phase_ == Phase::refusing) return {};
  auto* channel = channels_.find(failure.recipient);
  if (channel == nullptr || channel->opener == from || channel->at(from).number) {
    return fail("a refusal of channel {}, which was not being opened", failure.recipient);
  }
  if (channel->confirmed_early) {
    refuse_channel(failure.recipient, fmt::format("the container refused the session: {}", failure.description));
    return {};
  }
  rewrite_recipient(packet, *channel->at(channel->opener).number);
  sink(channel->opener).send(packet);
  channels_.remove(failure.recipient);
  return {};
}

// --- messages of channels

Result<> Relay::on_channel_message(Side from, const Message& message, MutableBytes packet) {
  const auto number = WireReader(packet.subspan(1)).u32();
  auto* channel = channels_.find(number);
  if (channel == nullptr || !channel->at(from).number)
    return fail("a message for channel {}, which is not open", number);
  auto& peer = channel->at(from);
  if (peer.said_close) return fail("a message for channel {} after its CLOSE", number);

  if (!channel->refusal.empty()) {
    answer_refused(number, *channel, message);
    return {};
  }
  if (!channel->is_open()) {
    if (!channel->confirmed_early) return fail("a message for channel {}, which is not open yet", number);
    if (!data_of(message).empty()) return fail("data beyond the window of channel {}", number);
    if (channel->held_close()) return fail("a message for channel {} after its CLOSE", number);
    return hold(channel->held.emplace_back(), packet);
  }

  if (const auto* adjust = std::get_if<ChannelWindowAdjust>(&message)) peer.window += adjust->bytes;
  if (const auto* request = std::get_if<ChannelRequest>(&message)) {
    channel->exit_told |= from == Side::container && (request->type == "exit-status" || request->type == "exit-signal");
  }
  if (std::holds_alternative<ChannelClose>(message)) {
    peer.said_close = true;
    channel->at(other(from)).told_close = true;
  }
  forward(from, *channel, message, packet);
  remove_if_over(number);
  return {};
}

void Relay::forward(Side from, RelayedChannel& channel, const Message& message, MutableBytes packet) {
  const auto data = data_of(message);
  if (!data.empty()) return forward_data(from, channel, message, packet);
  rewrite_recipient(packet, *channel.at(other(from)).number);
  sink(other(from)).send(packet);
}

// An early confirmation promised a packet size before the container had named its own: larger data is cut.
void Relay::forward_data(Side from, RelayedChannel& channel, const Message& message, MutableBytes packet) {
  const auto data = data_of(message);
  auto& to = channel.at(other(from));
  (from == Side::user ? traffic_.from_user : traffic_.from_container) += data.size();
  to.window -= static_cast<std::uint32_t>(std::min<std::size_t>(to.window, data.size()));
  if (data.size() <= to.max_packet || to.max_packet == 0) {
    rewrite_recipient(packet, *to.number);
    sink(other(from)).send(packet);
    return;
  }
  const auto head = packet.first(packet.size() - data.size());
  rewrite_recipient(head, *to.number);
  for (auto rest = data; !rest.empty();) {
    const auto piece = rest.first(std::min<std::size_t>(rest.size(), to.max_packet));
    put_u32(head.last(4), static_cast<std::uint32_t>(piece.size()));
    sink(other(from)).send(head, piece);
    rest = rest.subspan(piece.size());
  }
}

Result<> Relay::hold(ByteVector& into, Bytes packet) {
  held_bytes_ += packet.size();
  if (held_bytes_ > kMaxHeld) return fail("too much was sent before the container was reached");
  into.assign(packet.begin(), packet.end());
  return {};
}

void Relay::remove_if_over(std::uint32_t number) {
  if (const auto* channel = channels_.find(number); channel != nullptr && channel->is_over()) channels_.remove(number);
}

// --- the two ways out of waiting

void Relay::connect(PacketSink& container) {
  container_ = &container;
  phase_ = Phase::connected;
  for (const auto& held : std::exchange(held_, {})) {
    held_bytes_ -= held.packet.size();
    const auto message = parse(held.packet);  // it was parsed before it was held
    if (const auto* request = std::get_if<GlobalRequest>(&*message)) {
      if (request->want_reply) asked_container_.push_back(Asker::other_side);
      container_->send(held.packet);
    } else if (auto* channel = channels_.find(*held.channel); channel != nullptr) {
      forward_open(*held.channel, *channel, std::get<ChannelOpen>(*message));
    }
  }
}

void Relay::refuse(std::string sentence) {
  if (phase_ == Phase::refusing) return;
  phase_ = Phase::refusing;
  sentence_ = std::move(sentence);
  held_.clear();
  asked_container_.clear();
  owed_user_.answer_all(encode(RequestFailure{}), user_);
  for (const auto number : channels_.numbers()) refuse_channel(number, sentence_);
  container_ = nullptr;
}

void Relay::refuse_channel(std::uint32_t number, const std::string& sentence) {
  auto& channel = *channels_.find(number);
  const bool was_open = channel.is_open();
  channel.refusal = sentence;
  channel.container = {};  // whatever the container knew of it, it is not to be told any more
  if (!channel.user.number) {
    channels_.remove(number);  // the container was opening it; the user's answer will find nothing
    return;
  }
  if (was_open) {
    end_at_user(channel);
    remove_if_over(number);
    return;
  }
  if (!channel.confirmed_early) {
    user_.send(encode(ChannelOpenFailure{*channel.user.number, OpenFailureCode::connect_failed, sentence}));
    channels_.remove(number);
    return;
  }
  for (const auto& packet : std::exchange(channel.held, {})) {
    const auto message = parse(packet);
    answer_refused(number, channel, *message);
    if (channels_.find(number) == nullptr) return;
  }
}

// Until she asks for a command there is nobody to tell; every other request is granted, so that she gets there.
void Relay::answer_refused(std::uint32_t number, RelayedChannel& channel, const Message& message) {
  if (const auto* request = std::get_if<ChannelRequest>(&message)) {
    if (request->want_reply && !channel.user.told_close) user_.send(encode(ChannelSuccess{*channel.user.number}));
    if (!starts_command(request->type)) return;
    end_at_user(channel);
  }
  if (const auto* adjust = std::get_if<ChannelWindowAdjust>(&message)) channel.user.window += adjust->bytes;
  if (std::holds_alternative<ChannelClose>(message)) {
    channel.user.said_close = true;
    if (!std::exchange(channel.user.told_close, true)) user_.send(encode(ChannelClose{*channel.user.number}));
  }
  remove_if_over(number);
}

void Relay::end_at_user(RelayedChannel& channel) {
  auto& peer = channel.user;
  if (std::exchange(peer.told_close, true)) return;
  if (channel.is_session && !channel.exit_told) {
    const auto line = channel.refusal + "\r\n";  // her terminal may be in raw mode
    if (line.size() <= peer.window) user_.send(encode(ChannelExtendedData{*peer.number, kStderr, bytes_of(line)}));
    std::array<std::uint8_t, 4> status{};
    put_u32(status, kLostExitStatus);
    user_.send(encode(ChannelRequest{*peer.number, "exit-status", false, status}));
  }
  user_.send(encode(ChannelEof{*peer.number}));
  user_.send(encode(ChannelClose{*peer.number}));
}

}  // namespace bastion::connection
