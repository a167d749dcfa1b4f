#include "bastion/connection/relay.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "bastion/base/match.h"
#include "bastion/base/wire_format.h"
#include "bastion/connection/refusal.h"

namespace bastion::connection {
namespace {

using Course = RelayedChannel::Course;
using Offered = RelayedChannel::Offered;

constexpr std::uint32_t kEarlyMaxPacket = 32 * 1024;

// Data may be cut into so many messages and no more: each of them costs what a whole one does.
constexpr std::size_t kMaxPieces = 512;
// What a waiting message takes beyond its bytes.
constexpr std::size_t kWaitingOverhead = 64;

Bytes data_of(const Message& message) {
  if (const auto* data = std::get_if<ChannelData>(&message)) return data->data;
  if (const auto* data = std::get_if<ChannelExtendedData>(&message)) return data->data;
  return {};
}

// What can only be asked of a container; anything else can wait for one, or do without.
bool needs_container(std::string_view global_request) {
  return global_request == "tcpip-forward" || global_request == "streamlocal-forward@openssh.com";
}

// Replies to the requests of a channel carry no number: what we refuse must be refused by the container, in its turn.
// No server knows a request of this name.
constexpr std::string_view kRefusedRequest = "refused@bastion";

std::optional<Terminal> terminal_of(const RelayedChannel& session) {
  std::optional<Terminal> terminal;
  for (const auto& packet : session.held) {
    const auto message = parse(packet);
    const auto* const request = std::get_if<ChannelRequest>(&*message);
    if (request != nullptr && request->type == "pty-req") terminal = parse_terminal(*request);
  }
  return terminal;
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
  if (channel->confirmed_early && confirmation.max_packet != 0 &&
      confirmation.max_packet < kEarlyMaxPacket / kMaxPieces) {
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
    held_bytes_ -= packet.size();
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
  if (channel == nullptr || !channel->at(from).number)
    return fail("a message for channel {}, which is not open", number);
  if (channel->at(from).said_close) return fail("a message for channel {} after its CLOSE", number);
  switch (channel->course) {
    case Course::relayed: return on_relayed(from, number, *channel, message, packet);
    case Course::undecided: return on_undecided(number, *channel, message, packet);
    case Course::served: return on_served(number, *channel, message, packet);
    case Course::refused: break;
  }
  answer_refused(*channel, message, user_);
  remove_if_over(number);
  return {};
}

Result<> Relay::on_undecided(std::uint32_t number, RelayedChannel& channel, const Message& message,
                             MutableBytes packet) {
  if (const auto* adjust = std::get_if<ChannelWindowAdjust>(&message)) return widen(channel.user, adjust->bytes);
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
  start->terminal = terminal_of(channel);
  channel.offered = Offered::pending;
  owner_.on_session_offer(SessionOffer(*this, number, *std::move(start)));
  return {};
}

Result<> Relay::keep(std::uint32_t number, RelayedChannel& channel, const Message& message, Bytes packet) {
  const auto data = data_of(message);
  if (data.size() > channel.granted - channel.early) return fail("data beyond the window of channel {}", number);
  channel.early += static_cast<std::uint32_t>(data.size());
  if (channel.held_close()) return fail("a message for channel {} after its CLOSE", number);
  if (const auto room = reserve(packet.size()); !room) return room;
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
  if (channel.offered == Offered::pending) return fail("a message for channel {}, which is not open yet", number);
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
    if (!channel.confirmed_early) return fail("a message for channel {}, which is not open yet", number);
    if (const auto* adjust = std::get_if<ChannelWindowAdjust>(&message); adjust != nullptr && !channel.is_forwarded) {
      return widen(channel.user, adjust->bytes);
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
  if (std::holds_alternative<ChannelClose>(message)) {
    channel.at(from).said_close = true;
    stop_waiting(from, channel.at(from));
  }
  (from == Side::user ? from_user_ : from_container_) += data_of(message).size();
  const auto forwarded = forward(other(from), channel, message, packet);
  remove_if_over(number);
  return forwarded;
}

Result<> Relay::on_session_request(RelayedChannel& channel, const ChannelRequest& request, MutableBytes packet) {
  const auto to_container = [&](ByteVector replaced) {
    return forward(Side::container, channel, *parse(replaced), replaced);
  };
  return std::visit(Match{[&](const Pass&) {
                            channel.has_terminal |= request.type == "pty-req";
                            return forward(Side::container, channel, request, packet);
                          },
                          [&](const Refuse& refused) {
                            write_text(channel, refused.why);
                            if (!request.want_reply) return Result<>{};
                            return to_container(encode(ChannelRequest{0, kRefusedRequest, true, {}}));
                          },
                          [&](const Replace& replacing) {
                            return to_container(encode_start(0, request.want_reply, replacing.start));
                          }},
                    owner_.on_session_request(request));
}

Result<> Relay::widen(RelayedChannel::Peer& peer, std::uint32_t bytes) {
  if (bytes > std::numeric_limits<std::uint32_t>::max() - peer.window) return fail("a window beyond 2^32-1");
  peer.window += bytes;
  return {};
}

// The other end is told of what it does not count on already.
Result<> Relay::on_window_adjust(Side from, RelayedChannel& channel, const ChannelWindowAdjust& adjust) {
  auto& peer = channel.at(from);
  if (const auto widened = widen(peer, adjust.bytes); !widened) return widened;
  flush_waiting(from, channel);
  const auto known = std::min(peer.overdrawn, adjust.bytes);
  peer.overdrawn -= known;
  if (adjust.bytes > known) {
    sink(other(from)).send(encode(ChannelWindowAdjust{*channel.at(other(from)).number, adjust.bytes - known}));
  }
  return {};
}

Result<> Relay::forward(Side to, RelayedChannel& channel, const Message& message, MutableBytes packet) {
  auto& peer = channel.at(to);
  const auto data = data_of(message);
  if (peer.said_close && !data.empty()) return {};  // it does not listen any more
  if (!peer.waiting.empty()) return wait(peer, packet, {});
  if (!data.empty()) return forward_data(to, channel, packet.first(packet.size() - data.size()), data);
  if (std::holds_alternative<ChannelClose>(message)) peer.told_close = true;
  rewrite_recipient(packet, *peer.number);
  sink(to).send(packet);
  return {};
}

// An early confirmation promised a packet size before the container had named its own: larger data is cut.
Result<> Relay::forward_data(Side to, RelayedChannel& channel, MutableBytes head, Bytes data) {
  auto& peer = channel.at(to);
  if (peer.max_packet != 0 && data.size() / peer.max_packet > kMaxPieces) {
    return fail("{} bytes of data for an end that takes {} at once", data.size(), peer.max_packet);
  }
  rewrite_recipient(head, *peer.number);
  while (!data.empty()) {
    const auto most = peer.max_packet == 0 ? peer.window : std::min(peer.max_packet, peer.window);
    const auto piece = data.first(std::min<std::size_t>(data.size(), most));
    if (piece.empty()) return wait(peer, head, data);
    put_u32(head.last(sizeof(std::uint32_t)), static_cast<std::uint32_t>(piece.size()));
    sink(to).send(head, piece);
    peer.window -= static_cast<std::uint32_t>(piece.size());
    data = data.subspan(piece.size());
  }
  return {};
}

// Messages for an end that its window does not cover: only where text of ours has used it, or where she was promised
// more than the container then granted.
Result<> Relay::wait(RelayedChannel::Peer& peer, MutableBytes head, Bytes data) {
  const auto size = head.size() + data.size() + kWaitingOverhead;
  if (waiting_bytes_ + size > kMaxWaiting) return fail("data beyond the window");
  waiting_bytes_ += size;
  auto& packet = peer.waiting.emplace_back(head.begin(), head.end());
  if (data.empty()) return {};
  put_u32(MutableBytes{packet}.last(sizeof(std::uint32_t)), static_cast<std::uint32_t>(data.size()));
  packet.insert(packet.end(), data.begin(), data.end());
  return {};
}

void Relay::flush_waiting(Side to, RelayedChannel& channel) {
  auto& peer = channel.at(to);
  auto waiting = std::exchange(peer.waiting, {});
  while (!waiting.empty() && peer.waiting.empty()) {
    auto packet = std::move(waiting.front());
    waiting.pop_front();
    waiting_bytes_ -= packet.size() + kWaitingOverhead;
    std::ignore = forward(to, channel, *parse(packet), packet);  // what waited once may wait again
  }
  if (waiting.empty()) return;
  waiting.push_front(std::move(peer.waiting.front()));
  peer.waiting = std::move(waiting);
}

std::deque<ByteVector> Relay::take_waiting(Peer& peer) {
  auto waiting = std::exchange(peer.waiting, {});
  for (const auto& packet : waiting) waiting_bytes_ -= packet.size() + kWaitingOverhead;
  return waiting;
}

// An end that has said CLOSE makes room for nothing any more, and is owed a CLOSE only.
void Relay::stop_waiting(Side side, RelayedChannel::Peer& peer) {
  const auto waiting = take_waiting(peer);
  if (waiting.empty() || waiting.back().front() != static_cast<std::uint8_t>(Number::channel_close)) return;
  peer.told_close = true;
  sink(side).send(encode(ChannelClose{*peer.number}));
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

// --- the way to the container

Result<> Relay::reserve(std::size_t bytes) {
  held_bytes_ += bytes;
  if (held_bytes_ > kMaxHeld) return fail("too much was sent before the container was reached");
  return {};
}

Result<> Relay::hold(std::optional<std::uint32_t> channel, Bytes packet) {
  if (const auto room = reserve(packet.size()); !room) return room;
  held_.push_back({channel, ByteVector(packet.begin(), packet.end())});
  return {};
}

void Relay::want_container() {
  if (phase_ != Phase::idle) return;
  phase_ = Phase::waiting;
  owner_.on_container_wanted();
}

void Relay::connect(PacketSink& container) {
  container_ = &container;
  phase_ = Phase::connected;
  flush_held();
}

// Up to a session of which nobody has said yet where it leads.
void Relay::flush_held() {
  while (phase_ == Phase::connected && !held_.empty()) {
    const auto number = held_.front().channel;
    auto* const channel = number ? channels_.find(*number) : nullptr;
    if (channel != nullptr && channel->course == Course::undecided) return;
    const auto packet = std::move(held_.front().packet);
    held_.pop_front();
    held_bytes_ -= packet.size();
    const auto message = parse(packet);  // it was parsed before it was held
    if (const auto* request = std::get_if<GlobalRequest>(&*message)) {
      forward_global(packet, *request);
    } else if (channel != nullptr) {
      forward_open(*number, *channel, std::get<ChannelOpen>(*message));
    }
  }
}

void Relay::forget_held(std::uint32_t number) {
  std::erase_if(held_, [&](const Held& held) {
    if (held.channel != number) return false;
    held_bytes_ -= held.packet.size();
    return true;
  });
}

void Relay::disconnect(std::string sentence, std::uint32_t status) {
  if (phase_ == Phase::refusing) return;
  phase_ = Phase::idle;
  // What was opened for the container goes; a session that nobody has decided on, and all that is ours, stays.
  for (const auto number : channels_.numbers()) {
    auto* const channel = channels_.find(number);
    if (channel != nullptr && channel->course == Course::relayed) refuse_channel(number, sentence, status);
  }
  std::erase_if(held_, [&](const Held& held) {
    if (held.channel) return false;
    held_bytes_ -= held.packet.size();
    return true;
  });
  owed_user_.answer_all(encode(RequestFailure{}), user_);
  asked_container_.clear();
  std::ranges::replace(asked_user_, Asker::other_side, Asker::bastion);
  container_ = nullptr;
}

void Relay::refuse(std::string sentence, std::uint32_t status) {
  if (phase_ == Phase::refusing) return;
  disconnect(sentence, status);
  phase_ = Phase::refusing;
  for (const auto number : channels_.numbers()) {
    auto* const channel = channels_.find(number);
    if (channel != nullptr && channel->course == Course::undecided) refuse_channel(number, sentence, status);
  }
  sentence_ = std::move(sentence);
  status_ = status;
}

void Relay::refuse_channel(std::uint32_t number, const std::string& sentence, std::uint32_t status) {
  forget_held(number);
  auto& channel = *channels_.find(number);
  const bool was_open = channel.is_open();
  channel.course = Course::refused;
  channel.refusal = sentence;
  channel.refusal_status = status;
  take_waiting(channel.container);
  take_waiting(channel.user);
  channel.container = {};  // whatever the container knew of it, it is not to be told any more
  if (channel.awaits_user()) return;
  if (was_open) {
    end_refused(channel, user_);
  } else if (!channel.confirmed_early) {
    user_.send(encode(ChannelOpenFailure{*channel.user.number, OpenFailureCode::connect_failed, sentence}));
    return forget(number);
  }
  for (const auto& packet : std::exchange(channel.held, {})) {
    held_bytes_ -= packet.size();
    answer_refused(channel, *parse(packet), user_);
  }
  remove_if_over(number);
}

void Relay::forget(std::uint32_t number) {
  forget_held(number);
  if (auto* channel = channels_.find(number); channel != nullptr) {
    for (const auto& packet : channel->held) held_bytes_ -= packet.size();
    take_waiting(channel->user);
    take_waiting(channel->container);
  }
  channels_.remove(number);
  flush_held();
}

void Relay::remove_if_over(std::uint32_t number) {
  if (const auto* channel = channels_.find(number); channel != nullptr && channel->is_over()) forget(number);
}

// --- what offers and local sessions come to

std::unique_ptr<LocalChannel> Relay::accept_channel(std::uint32_t number) {
  auto& channel = *channels_.find(number);
  channel.offered = Offered::answered;
  const auto& user = channel.user;
  user_.send(
      encode(ChannelOpenConfirmation{*user.number, number, LocalChannel::kWindow, LocalChannel::kMaxPacket, {}}));
  return local_.opened(number, {*user.number, user.window, user.max_packet}, LocalChannel::kWindow);
}

void Relay::refuse_channel_offer(std::uint32_t number, OpenFailureCode code, std::string_view why) {
  auto& channel = *channels_.find(number);
  channel.offered = Offered::answered;
  user_.send(encode(ChannelOpenFailure{*channel.user.number, code, why}));
  forget(number);
}

void Relay::pass_session(std::uint32_t number) {
  auto& channel = *channels_.find(number);
  channel.offered = Offered::answered;
  if (channel.course != Course::undecided) return remove_if_over(number);
  channel.course = Course::relayed;
  want_container();
  flush_held();
}

std::unique_ptr<LocalChannel> Relay::serve_session(std::uint32_t number, std::uint32_t window) {
  auto& channel = *channels_.find(number);
  channel.offered = Offered::answered;
  channel.course = Course::served;
  const auto user = *channel.user.number;
  user_.send(encode(ChannelWindowAdjust{user, window}));
  auto local = local_.opened(number, {user, channel.user.window, channel.user.max_packet}, window);
  for (auto& packet : channel.held) {
    const auto message = parse(packet);
    if (const auto* request = std::get_if<ChannelRequest>(&*message); request != nullptr && request->want_reply) {
      user_.send(encode(ChannelSuccess{user}));
      packet = encode(ChannelRequest{request->recipient, request->type, false, request->payload});
    } else if (std::holds_alternative<ChannelEof>(*message) || std::holds_alternative<ChannelClose>(*message)) {
      std::ignore = local_.receive(number, *message, packet);
    }
  }
  forget_held(number);
  if (!local_.has(number)) forget(number);
  flush_held();
  return local;
}

void Relay::pass_served_session(std::uint32_t number, LocalChannel& local) {
  auto& channel = *channels_.find(number);
  const auto left = local_.withdraw(local);
  channel.course = Course::relayed;
  channel.session = nullptr;
  channel.granted = left.granted;
  channel.user.window = left.window;
  held_.push_front({number, encode(ChannelOpen{"session", number, 0, 0, {}})});
  held_bytes_ += held_.front().packet.size();
  want_container();
  flush_held();
}

void Relay::refuse_session(std::uint32_t number, const std::string& sentence, std::uint32_t status) {
  auto& channel = *channels_.find(number);
  channel.offered = Offered::answered;
  if (channel.course != Course::undecided) return remove_if_over(number);
  refuse_channel(number, sentence, status);
  flush_held();
}

}  // namespace bastion::connection
