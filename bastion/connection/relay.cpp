#include "bastion/connection/relay.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/base/match.h"
#include "bastion/base/wire_format.h"
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

// Replies to the requests of a channel carry no number: what we refuse must be refused by the container, in its turn.
// No server knows a request of this name.
constexpr std::string_view kRefusedRequest = "refused@bastion";

Result<> of_unknown(std::uint32_t number, const Message& message) {
  return is_harmless_when_unknown(message) ? Result<>{} : fail("a message for channel {}, which is not open", number);
}

bool is_question(const Message& message) {
  const auto* const request = std::get_if<ChannelRequest>(&message);
  return request != nullptr && request->want_reply;
}

// What she has said about the session before its start.
void prepare(SessionStart& start, const RelayedChannel& session) {
  for (const auto& packet : session.held) {
    const auto message = parse(packet);
    const auto* const request = std::get_if<ChannelRequest>(&*message);
    if (request == nullptr) continue;
    if (request->type == "pty-req") start.terminal = parse_terminal(*request);
    if (auto variable = parse_variable(*request)) start.environment.insert(*std::move(variable));
  }
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

// --- messages of channels

Result<> Relay::on_channel_message(Side from, const Message& message, MutableBytes packet) {
  const auto number = recipient_of(packet);
  auto* channel = channels_.find(number);
  if (channel == nullptr) {
    return channels_.knew(number) && is_harmless_when_closed(message) ? Result<>{} : of_unknown(number, message);
  }
  const auto& end = channel->at(from);
  if (!end.number) {  // this side has not said yet that it is open
    return is_question(message) ? fail("a request for channel {}, which is not open yet", number) : Result<>{};
  }
  if (end.said_close) {
    if (is_question(message) && !end.told_close) sink(from).send(encode(ChannelFailure{*end.number}));
    return {};
  }
  switch (channel->course) {
    case Course::relayed: return on_relayed(from, number, *channel, message, packet);
    case Course::undecided: return on_undecided(number, *channel, message, packet);
    case Course::served: return on_served(number, *channel, message, packet);
    case Course::refused: break;
  }
  if (from == Side::user) {
    answer_refused(*channel, message, user_);
  } else if (std::holds_alternative<ChannelClose>(message)) {
    channel->container.said_close = true;
  }
  remove_if_over(number);
  return {};
}

Result<> Relay::on_undecided(std::uint32_t number, RelayedChannel& channel, const Message& message,
                             MutableBytes packet) {
  if (const auto* adjust = std::get_if<ChannelWindowAdjust>(&message))
    return channel.user.widen(adjust->bytes, user_, waiting_);
  if (std::holds_alternative<ChannelClose>(message) && channel.offered == Offered::no) {
    user_.send(encode(ChannelClose{*channel.user.number}));
    forget(number);
    return {};
  }
  if (const auto kept = keep(number, channel, message, packet); !kept) return kept;
  const auto* const request = std::get_if<ChannelRequest>(&message);
  if (request == nullptr || !starts_session(*request) || channel.offered != Offered::no) return {};
  auto start = parse_start(*request);
  if (!start) return fail("a malformed {} request", request->type);
  prepare(*start, channel);
  channel.offered = Offered::pending;
  owner_.on_session_offer(SessionOffer(*this, number, *std::move(start)));
  return {};
}

Result<> Relay::keep(std::uint32_t number, RelayedChannel& channel, const Message& message, Bytes packet) {
  if (channel.held_close()) return {};
  const auto data = data_of(message);
  if (data.size() > channel.granted - channel.early) return fail("data beyond the window of channel {}", number);
  channel.early += static_cast<std::uint32_t>(data.size());
  if (!kept_.take(packet.size())) return std::unexpected(Error{kTooMuch});
  channel.held.emplace_back(packet.begin(), packet.end());
  return {};
}

Result<> Relay::on_served(std::uint32_t number, RelayedChannel& channel, const Message& message, MutableBytes packet) {
  if (const auto* request = std::get_if<ChannelRequest>(&message);
      request != nullptr && request->type == "window-change" && channel.session != nullptr) {
    for (auto& held : channel.held) resize(held, *request);
    channel.session->resize(*request);
    return {};
  }
  if (channel.offered == Offered::pending) return of_unknown(number, message);
  from_user_ += data_of(message).size();
  const auto received = local_.receive(number, message, packet);
  // It may have gone on to the container, or be gone already.
  if (const auto* still = channels_.find(number);
      still != nullptr && still->course == Course::served && !local_.has(number)) {
    forget(number);
  }
  return received;
}

Result<> Relay::on_relayed(Side from, std::uint32_t number, RelayedChannel& channel, const Message& message,
                           MutableBytes packet) {
  if (!channel.is_open()) {
    if (!channel.confirmed_early) return of_unknown(number, message);
    if (const auto* adjust = std::get_if<ChannelWindowAdjust>(&message); adjust != nullptr && !channel.is_forwarded) {
      return channel.user.widen(adjust->bytes, user_, waiting_);
    }
    return keep(number, channel, message, packet);
  }
  if (const auto* adjust = std::get_if<ChannelWindowAdjust>(&message)) {
    const auto widened = on_window_adjust(from, channel, *adjust);
    remove_if_over(number);
    return widened;
  }
  if (const auto* request = std::get_if<ChannelRequest>(&message)) {
    if (from == Side::user && channel.is_session) return on_session_request(channel, *request, packet);
    channel.exit_told |= request->type == "exit-status" || request->type == "exit-signal";
  }
  const bool is_answer =
      std::holds_alternative<ChannelSuccess>(message) || std::holds_alternative<ChannelFailure>(message);
  if (is_answer && from == Side::container && ends_with_answer(number, channel)) return {};
  auto& end = channel.at(from);
  if (std::holds_alternative<ChannelExtendedData>(message) && end.said_eof) {
    return fail("extended data of channel {} after its EOF", number);
  }
  end.said_eof |= std::holds_alternative<ChannelEof>(message);
  if (std::holds_alternative<ChannelClose>(message)) end.on_close(sink(from), waiting_);
  (from == Side::user ? from_user_ : from_container_) += data_of(message).size();
  const auto forwarded = forward(other(from), channel, message, packet);
  remove_if_over(number);
  return forwarded;
}

Result<> Relay::on_session_request(RelayedChannel& channel, const ChannelRequest& request, MutableBytes packet) {
  return std::visit(Match{[&](const Pass&) {
                            channel.has_terminal |= request.type == "pty-req";
                            return pass_request(channel, packet);
                          },
                          [&](const Refuse& refused) { return refuse_request(channel, request, refused.why); },
                          [&](const Replace& replacing) {
                            auto replaced = encode_start(0, request.want_reply, replacing.start);
                            return pass_request(channel, replaced);
                          }},
                    owner_.on_session_request(request));
}

Result<> Relay::pass_request(RelayedChannel& channel, MutableBytes packet) {
  const auto message = parse(packet);
  if (std::get<ChannelRequest>(*message).want_reply) ++channel.unanswered;
  return forward(Side::container, channel, *message, packet);
}

// ssh ends at once when its start fails, before it has shown what it was told: a start that is refused succeeds, and
// the session ends.
Result<> Relay::refuse_request(RelayedChannel& channel, const ChannelRequest& request, const std::string& why) {
  const bool ends = starts_session(request) && !channel.refused_start;
  if (!ends) write_text(channel, why);
  if (!ends && !request.want_reply) return {};
  auto refused = encode(ChannelRequest{0, kRefusedRequest, true, {}});
  const auto passed = pass_request(channel, refused);
  if (!ends) return passed;
  channel.refusal = why;
  channel.refusal_status = kRefusedExitStatus;
  channel.refused_start = {channel.unanswered, request.want_reply};
  return passed;
}

bool Relay::ends_with_answer(std::uint32_t number, RelayedChannel& channel) {
  if (channel.unanswered > 0) --channel.unanswered;
  if (!channel.refused_start || --channel.refused_start->answers > 0 || channel.user.said_close) return false;
  if (channel.refused_start->want_reply) user_.send(encode(ChannelSuccess{*channel.user.number}));
  channel.course = RelayedChannel::Course::refused;
  channel.container.drop_waiting(waiting_);
  if (!std::exchange(channel.container.told_close, true))
    container_->send(encode(ChannelClose{*channel.container.number}));
  end_refused(channel, user_);
  remove_if_over(number);
  return true;
}

// The other end is told of what it does not count on already.
Result<> Relay::on_window_adjust(Side from, RelayedChannel& channel, const ChannelWindowAdjust& adjust) {
  auto& end = channel.at(from);
  if (const auto widened = end.widen(adjust.bytes, sink(from), waiting_); !widened) return widened;
  if (const auto news = end.news_of(adjust.bytes); news > 0) {
    sink(other(from)).send(encode(ChannelWindowAdjust{*channel.at(other(from)).number, news}));
  }
  return {};
}

Result<> Relay::forward(Side to, RelayedChannel& channel, const Message& message, MutableBytes packet) {
  return channel.at(to).send(message, packet, sink(to), waiting_);
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
