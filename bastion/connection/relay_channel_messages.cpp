// Messages about a channel that is there, by where the channel leads (RelayedChannel::Course).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "bastion/base/match.h"
#include "bastion/base/wire_format.h"
#include "bastion/connection/refusal.h"
#include "bastion/connection/relay.h"

namespace bastion::connection {
namespace {

using Course = RelayedChannel::Course;
using Fate = ChannelClosing::Fate;
using Offered = RelayedChannel::Offered;

// Replies to the requests of a channel carry no number: what we refuse must be refused by the container, in its turn.
// No server knows a request of this name.
constexpr std::string_view kRefusedRequest = "refused@bastion";

constexpr const char* kStartedTwice = "bastion: a session is started once";

// Of a session before its start (RFC 4254 section 6). What is not among them no server knows there, or none grants.
constexpr std::array<std::string_view, 5> kGrantedEarly{"pty-req", "env", "x11-req", "auth-agent-req@openssh.com",
                                                        "window-change"};

Result<> of_unknown(std::uint32_t number, const Message& message) {
  return is_harmless_when_unknown(message) ? Result<>{} : fail("a message for channel {}, which is not open", number);
}

// A start that the container has refused leaves the session as it was.
void hear_answer_to_filtered(RelayedChannel& channel, const Message& answer) {
  if (channel.filter_answers == 0 || --channel.filter_answers > 0) return;
  if (std::holds_alternative<ChannelFailure>(answer)) channel.filter.reset();
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
  switch (end.closing.fate_of(message)) {
    case Fate::passes: break;
    case Fate::ignored: return {};
    case Fate::refused: sink(from).send(encode(ChannelFailure{*end.number})); return {};
    case Fate::breach:
      if (channel->course == Course::refused) break;  // nobody hears it any more
      return fail("extended data of channel {} after its EOF", number);
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
    channel->container.closing.receive_close();
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
  const auto* const request = std::get_if<ChannelRequest>(&message);
  if (request != nullptr && !starts_session(*request) && channel.offered == Offered::no && !channel.held_close() &&
      !answer_early(channel, *request)) {
    return {};
  }
  if (const auto kept = keep(number, channel, message, packet); !kept) return kept;
  if (request == nullptr || !starts_session(*request) || channel.offered != Offered::no) return {};
  auto start = parse_start(*request);
  if (!start) return fail("a malformed {} request", request->type);
  prepare(*start, channel);
  channel.offered = Offered::pending;
  delegate_.on_session_offer(SessionOffer(*this, number, *std::move(start)));
  return {};
}

// Nobody can be asked before it is known where the session leads, which its start says; and a client may send that only
// when it has the answer. So what every server grants is granted, but for what the policy forbids.
bool Relay::answer_early(RelayedChannel& channel, const ChannelRequest& request) {
  const auto user = *channel.user.number;
  const auto decided = delegate_.on_session_request(request, Attached::pipes);
  if (const auto* refused = std::get_if<Refuse>(&decided)) {
    write_text(channel, refused->why);
    if (request.want_reply) user_.send(encode(ChannelFailure{user}));
    return false;
  }
  if (!request.want_reply) return true;
  const bool is_granted = std::ranges::find(kGrantedEarly, request.type) != kGrantedEarly.end();
  user_.send(is_granted ? encode(ChannelSuccess{user}) : encode(ChannelFailure{user}));
  if (is_granted) channel.granted_early.emplace_back(request.type);
  return is_granted;
}

// The user has been told otherwise. What sshd does not accept of an environment concerns nobody.
void Relay::hear_early_answer(std::uint32_t number, RelayedChannel& channel, const Message& answer) {
  const auto type = std::move(channel.granted_early.front());
  channel.granted_early.pop_front();
  if (std::holds_alternative<ChannelSuccess>(answer) || type == "env") return;
  auto sentence = fmt::format("bastion: the container refuses {}", type);
  if (!starts_session(ChannelRequest{0, type, true, {}})) return write_text(channel, sentence);
  // Nothing will come of it any more, and she waits for it.
  channel.refusal = std::move(sentence);
  channel.refusal_status = kLostExitStatus;
  end_session(number, channel);
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
    if (from == Side::user && channel.is_session) return on_session_request(number, channel, *request, packet);
    channel.exit_told |= tells_end(*request);
  }
  const bool is_answer =
      std::holds_alternative<ChannelSuccess>(message) || std::holds_alternative<ChannelFailure>(message);
  if (is_answer && from == Side::container) {
    hear_answer_to_filtered(channel, message);
    if (ends_with_answer(number, channel)) return {};
    if (!channel.granted_early.empty()) {
      hear_early_answer(number, channel, message);
      return {};
    }
  }
  auto& end = channel.at(from);
  if (std::holds_alternative<ChannelEof>(message)) end.closing.receive_eof();
  if (std::holds_alternative<ChannelClose>(message)) end.on_close(sink(from), waiting_);
  (from == Side::user ? from_user_ : from_container_) += data_of(message).size();
  if (channel.filter && !data_of(message).empty()) return filter(from, number, channel, message, packet);
  const auto forwarded = forward(other(from), channel, message, packet);
  remove_if_over(number);
  return forwarded;
}

Result<> Relay::on_session_request(std::uint32_t number, RelayedChannel& channel, const ChannelRequest& request,
                                   MutableBytes packet) {
  if (channel.filter && starts_session(request)) return refuse_request(channel, request, kStartedTwice);
  const auto attached = channel.has_terminal ? Attached::terminal : Attached::pipes;
  auto decided = delegate_.on_session_request(request, attached);
  if (starts_session(request) && !std::holds_alternative<Refuse>(decided)) {
    if (const auto passed = pass_variable(channel); !passed) return passed;
  }
  return std::visit(Match{[&](Pass& pass) {
                            if (!pass.notice.empty()) write_text(channel, pass.notice);
                            if (channel.has_terminal && !pass.at_terminal.empty()) {
                              write_text(channel, pass.at_terminal);
                            }
                            permitted_.ask(number, request);
                            channel.has_terminal |= request.type == "pty-req";
                            const auto passed = pass_request(channel, packet);
                            set_filter(channel, std::move(pass.filter), request.want_reply);
                            return passed;
                          },
                          [&](const Refuse& refused) { return refuse_request(channel, request, refused.why); },
                          [&](Replace& replacing) {
                            if (!replacing.notice.empty()) write_text(channel, replacing.notice);
                            auto replaced = encode_start(0, request.want_reply, replacing.start);
                            const auto passed = pass_request(channel, replaced);
                            set_filter(channel, std::move(replacing.filter), request.want_reply);
                            return passed;
                          }},
                    decided);
}

void Relay::set_filter(RelayedChannel& channel, std::unique_ptr<ChannelFilter> filter, bool answers) {
  if (!filter) return;
  channel.filter = std::move(filter);
  channel.filter_answers = answers ? channel.unanswered : 0;
}

// An observer hears what the user has said, and the answers that she is given.
Result<> Relay::filter(Side from, std::uint32_t number, RelayedChannel& channel, const Message& message,
                       MutableBytes packet) {
  if (from == Side::user) channel.observation.hear(from, message);
  const bool is_stderr = std::holds_alternative<ChannelExtendedData>(message);
  if (is_stderr && from == Side::container) return forward(Side::user, channel, message, packet);
  const auto data = packet.last(data_of(message).size());
  auto passed =
      is_stderr ? fail("bastion: a user has no standard error to write to") : channel.filter->pass(from, data);
  if (!passed) {
    channel.refusal = std::move(passed.error().text);
    channel.refusal_status = kRefusedExitStatus;
    end_session(number, channel);
    return {};
  }
  const auto send = [&](MutableBytes bytes) -> Result<> {
    const auto part = *parse(bytes);
    if (from == Side::container) channel.observation.hear(from, part);
    return channel.at(other(from)).send(part, bytes, sink(other(from)), waiting_);
  };
  if (!passed->before.empty()) {
    auto before = encode(ChannelData{0, passed->before});
    if (auto sent = send(before); !sent) return sent;
  }
  if (passed->rest.empty()) return {};
  const auto head = packet.size() - data.size();
  put_u32(packet.subspan(head - sizeof(std::uint32_t)), static_cast<std::uint32_t>(passed->rest.size()));
  return send(packet.first(head + passed->rest.size()));
}

Result<> Relay::pass_variable(RelayedChannel& channel) {
  if (variable_.empty()) return {};
  auto request = variable_;
  return pass_request(channel, request);
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
  channel.observation.hear(other(to), message);
  return channel.at(to).send(message, packet, sink(to), waiting_);
}

}  // namespace bastion::connection
