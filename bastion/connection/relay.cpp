#include "bastion/connection/relay.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/base/match.h"
#include "bastion/connection/refusal.h"

namespace bastion::connection {
namespace {

using Course = RelayedChannel::Course;
using Offered = RelayedChannel::Offered;

constexpr std::uint32_t kEarlyMaxPacket = 32 * 1024;

// What can only be asked of a container; anything else can wait for one, or do without.
bool needs_container(std::string_view global_request) {
  return global_request == "tcpip-forward" || global_request == "streamlocal-forward@openssh.com";
}

}  // namespace

Relay::Relay(PacketSink& user, Owner& owner) : user_(user), owner_(owner), local_(user) {}

Relay::Traffic Relay::traffic() const {
  return {.from_user = from_user_, .from_container = from_container_ + local_.sent()};
}

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
  const auto answer = [&](const ByteVector& reply) {
    if (request.want_reply) owed_user_.owe(reply, user_);
    return Result<>{};
  };
  if (request.name == "hostkeys-prove-00@openssh.com") {
    const auto proof = owner_.prove_host_keys(request.payload);
    return answer(proof ? encode(RequestSuccess{*proof}) : encode(RequestFailure{}));
  }
  if (phase_ == Phase::refusing) return answer(encode(RequestFailure{}));
  if (const auto refused = owner_.on_global_request(request)) {
    say(refused->why, Audience::sessions);
    return answer(encode(RequestFailure{}));
  }
  const bool can_wait = request.name == "no-more-sessions@openssh.com";
  const bool nobody_to_ask = phase_ == Phase::idle && !can_wait && !needs_container(request.name);
  // A keepalive before the container is there: it is us she wants to hear from.
  if (nobody_to_ask || (phase_ != Phase::connected && request.name == "keepalive@openssh.com")) {
    return answer(encode(RequestFailure{}));
  }
  if (request.want_reply) owed_user_.owe();
  if (phase_ == Phase::connected && held_.empty()) {
    forward_global(packet, request);
    return {};
  }
  if (const auto held = hold(std::nullopt, packet); !held) return held;
  if (needs_container(request.name)) want_container();
  return {};
}

void Relay::forward_global(Bytes packet, const GlobalRequest& request) {
  if (request.want_reply) asked_container_.push_back(Asker::other_side);
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
  } else {
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
    return Result<>{};
  };
  if (channels_.full()) return refuse_open(OpenFailureCode::resource_shortage, "too many channels in one connection");
  const bool is_session = open.type == "session";
  if (phase_ == Phase::refusing) {
    if (!is_session) return refuse_open(OpenFailureCode::connect_failed, sentence_);
    const auto [number, channel] = add(from, open, Course::refused);
    channel->refusal = sentence_;
    channel->refusal_status = status_;
    confirm_early(number, *channel);
    return {};
  }
  return std::visit(
      Match{
          [&](const Pass&) { return relay(from, open, packet); },
          [&](const Refuse& refused) { return refuse_open(OpenFailureCode::administratively_prohibited, refused.why); },
          [&](const Serve&) { return from == Side::user ? serve(open, packet) : relay(from, open, packet); }},
      owner_.on_open(from, open));
}

std::pair<std::uint32_t, RelayedChannel*> Relay::add(Side from, const ChannelOpen& open, Course course) {
  const auto added = channels_.add({.opener = from, .course = course, .is_session = open.type == "session"});
  added.second->at(from) = {.number = open.sender, .window = open.window, .max_packet = open.max_packet};
  return added;
}

void Relay::confirm_early(std::uint32_t number, RelayedChannel& channel) {
  channel.confirmed_early = true;
  user_.send(encode(ChannelOpenConfirmation{*channel.user.number, number, 0, kEarlyMaxPacket, {}}));
  say_postponed();
}

Result<> Relay::relay(Side from, const ChannelOpen& open, Bytes packet) {
  const auto [number, channel] = add(from, open, Course::relayed);
  if (from == Side::container || (phase_ == Phase::connected && held_.empty())) {
    forward_open(number, *channel, open);
    return {};
  }
  if (channel->is_session) confirm_early(number, *channel);
  if (const auto held = hold(number, packet); !held) return held;
  want_container();
  return {};
}

Result<> Relay::serve(const ChannelOpen& open, Bytes packet) {
  if (open.type != "session") {
    const auto [number, channel] = add(Side::user, open, Course::served);
    channel->offered = Offered::pending;
    owner_.on_channel_offer(open, ChannelOffer(*this, number));
    return {};
  }
  const auto [number, channel] = add(Side::user, open, Course::undecided);
  confirm_early(number, *channel);
  return hold(number, packet);
}

// The user's window may have been used already, by text of ours.
void Relay::forward_open(std::uint32_t number, RelayedChannel& channel, const ChannelOpen& open) {
  channel.is_forwarded = true;
  const auto& opener = channel.at(channel.opener);
  sink(other(channel.opener))
      .send(encode(ChannelOpen{open.type, number, opener.window, opener.max_packet, open.payload}));
}

Result<> Relay::on_confirmation(Side from, const ChannelOpenConfirmation& confirmation) {
  auto* channel = channels_.find(confirmation.recipient);
  if (channel == nullptr || channel->opener == from || channel->at(from).number || !channel->is_forwarded) {
    return fail("a confirmation of channel {}, which was not being opened", confirmation.recipient);
  }
  if (channel->confirmed_early && confirmation.max_packet != 0 && confirmation.max_packet < ChannelEnd::kLeastPacket) {
    return fail("a packet size of {} bytes", confirmation.max_packet);
  }
  auto& peer = channel->at(from);
  peer.number = confirmation.sender;
  peer.window = confirmation.window;
  peer.max_packet = confirmation.max_packet;
  if (channel->course == Course::refused) {  // the container that was opening it is gone
    end_refused(*channel, user_);
    return {};
  }
  if (!channel->confirmed_early) {
    const auto opener = channel->opener;
    sink(opener).send(
        encode(ChannelOpenConfirmation{*channel->at(opener).number, confirmation.recipient, confirmation.window,
                                       confirmation.max_packet, confirmation.payload}));
    if (from == Side::container && channel->is_session) say_postponed();
    return {};
  }
  // What she was granted while we served her counts, whether she has used it or not: she hears of the rest.
  if (peer.window > channel->granted) {
    user_.send(encode(ChannelWindowAdjust{*channel->user.number, peer.window - channel->granted}));
  } else {
    peer.overdrawn = channel->granted - peer.window;
  }
  auto held = std::exchange(channel->held, {});
  for (auto& packet : held) {
    kept_.give_back(packet.size());
    if (const auto again = receive(Side::user, packet); !again) return again;
  }
  return {};
}

Result<> Relay::on_open_failure(Side from, const ChannelOpenFailure& failure, MutableBytes packet) {
  auto* channel = channels_.find(failure.recipient);
  if (channel == nullptr || channel->opener == from || channel->at(from).number || !channel->is_forwarded) {
    return fail("a refusal of channel {}, which was not being opened", failure.recipient);
  }
  if (channel->confirmed_early) {
    refuse_channel(failure.recipient, fmt::format("the container refused the session: {}", failure.description),
                   kLostExitStatus);
    return {};
  }
  if (channel->course != Course::refused) {
    rewrite_recipient(packet, *channel->at(channel->opener).number);
    sink(channel->opener).send(packet);
  }
  channels_.remove(failure.recipient);
  return {};
}

// --- text of ours

void Relay::say(std::string_view line, Audience audience) {
  bool heard = false;
  for (const auto number : channels_.numbers()) {
    auto& channel = *channels_.find(number);
    const bool listens = channel.is_session && (channel.confirmed_early || channel.is_open()) &&
                         (channel.course == Course::relayed || channel.course == Course::undecided);
    if (!listens || (audience == Audience::terminals && !channel.has_terminal)) continue;
    write_text(channel, line);
    heard = true;
  }
  if (!heard && audience == Audience::sessions && postponed_.size() < kMaxPostponed) postponed_.emplace_back(line);
}

void Relay::say_postponed() {
  for (const auto& line : std::exchange(postponed_, {})) say(line, Audience::sessions);
}

void Relay::write_text(RelayedChannel& channel, std::string_view line) {
  auto& user = channel.user;
  const auto text = fmt::format("{}\r\n", line);  // her terminal may be in raw mode
  if (user.told_close || !user.waiting.empty() || !user.has_room_for(text.size())) return;
  user_.send(encode(ChannelExtendedData{*user.number, kStderr, bytes_of(text)}));
  user.window -= static_cast<std::uint32_t>(text.size());
  if (channel.is_forwarded) user.overdrawn += static_cast<std::uint32_t>(text.size());
}

}  // namespace bastion::connection
