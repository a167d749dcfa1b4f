#include "bastion/connection/mux.h"

#include <array>
#include <vector>

#include "bastion/base/wire_format.h"

namespace bastion::connection {

std::unique_ptr<LocalChannel> Mux::open_direct_tcpip(std::string_view host, std::uint16_t port) {
  const auto number = next_++;
  auto channel = std::make_unique<LocalChannel>(*this, number);
  ++holders_;
  table_.emplace(number, Entry{.channel = channel.get()});
  // The originator is the bastion as a whole, not a socket of it: users' addresses are no business of a backend.
  WireWriter target;
  target.string(host).u32(port).string(std::string_view{"127.0.0.1"}).u32(0);
  sink_.send(encode(ChannelOpen{.type = "direct-tcpip",
                                .sender = number,
                                .window = LocalChannel::kWindow,
                                .max_packet = LocalChannel::kMaxPacket,
                                .payload = target.view()}));
  return channel;
}

void Mux::send_data(std::uint32_t peer, Bytes data) {
  std::array<std::uint8_t, 9> head{static_cast<std::uint8_t>(Number::channel_data)};
  put_u32(MutableBytes{head}.subspan(1), peer);
  put_u32(MutableBytes{head}.subspan(5), static_cast<std::uint32_t>(data.size()));
  sink_.send(head, data);
}

void Mux::forget(LocalChannel& channel) {
  --holders_;
  const auto found = table_.find(channel.number_);
  if (found == table_.end()) return;
  found->second.channel = nullptr;
  if (lost_ || !channel.peer_ || found->second.closed_by_us) return;
  found->second.closed_by_us = true;
  sink_.send(encode(ChannelClose{channel.peer_->number}));
}

void Mux::drained() {
  for (auto& [number, entry] : table_) {
    if (sink_.congested()) return;
    if (entry.channel != nullptr) entry.channel->send_more();
  }
}

void Mux::lost(const Error& why) {
  lost_ = true;
  // Ending one channel may make its owner drop others: walk the numbers, not the table.
  std::vector<std::uint32_t> numbers;
  numbers.reserve(table_.size());
  for (const auto& [number, entry] : table_) numbers.push_back(number);
  for (const auto number : numbers) {
    const auto found = table_.find(number);
    if (found != table_.end() && found->second.channel != nullptr) found->second.channel->on_end(why);
  }
}

void Mux::ping() { sink_.send(encode(GlobalRequest{"keepalive@openssh.com", true, {}})); }

Result<Mux::Entry*> Mux::entry_of(std::uint32_t number) {
  const auto found = table_.find(number);
  if (found == table_.end()) return fail("a message for channel {}, which does not exist", number);
  return &found->second;
}

Result<> Mux::receive(MutableBytes packet) {
  const auto message = parse(packet);
  if (!message) return std::unexpected(message.error());
  if (const auto* open = std::get_if<ChannelOpen>(&*message)) {
    sink_.send(encode(ChannelOpenFailure{open->sender, OpenFailureCode::administratively_prohibited,
                                         "the bastion opens channels here, it does not accept them"}));
    return {};
  }
  if (const auto* request = std::get_if<GlobalRequest>(&*message)) {
    if (request->want_reply) sink_.send(encode(RequestFailure{}));
    return {};
  }
  if (std::holds_alternative<RequestSuccess>(*message) || std::holds_alternative<RequestFailure>(*message)) return {};
  return on_channel_message(*message, packet);
}

Result<> Mux::on_confirmation(const ChannelOpenConfirmation& confirmation) {
  const auto entry = entry_of(confirmation.recipient);
  if (!entry) return std::unexpected(entry.error());
  if ((*entry)->peer) return fail("channel {} was confirmed twice", confirmation.recipient);
  (*entry)->peer = confirmation.sender;
  if ((*entry)->channel != nullptr) {
    (*entry)->channel->on_confirmed(confirmation);
    return {};
  }
  (*entry)->closed_by_us = true;  // nobody waits for it any more
  sink_.send(encode(ChannelClose{confirmation.sender}));
  return {};
}

Result<> Mux::on_close(std::uint32_t number) {
  const auto entry = entry_of(number);
  if (!entry) return std::unexpected(entry.error());
  if (!(*entry)->peer) return fail("channel {} was closed before it was open", number);
  if (!(*entry)->closed_by_us) sink_.send(encode(ChannelClose{*(*entry)->peer}));
  auto* channel = (*entry)->channel;
  table_.erase(number);
  if (channel != nullptr) channel->on_end(Error{"the connection was closed"});
  return {};
}

Result<> Mux::on_channel_message(const Message& message, MutableBytes packet) {
  if (const auto* confirmation = std::get_if<ChannelOpenConfirmation>(&message)) return on_confirmation(*confirmation);
  if (const auto* close = std::get_if<ChannelClose>(&message)) return on_close(close->recipient);
  const auto recipient = WireReader(packet.subspan(1)).u32();
  const auto entry = entry_of(recipient);
  if (!entry) return std::unexpected(entry.error());
  auto* channel = (*entry)->channel;

  if (const auto* failure = std::get_if<ChannelOpenFailure>(&message)) {
    if ((*entry)->peer) return fail("channel {} was refused after it was confirmed", recipient);
    table_.erase(recipient);
    if (channel != nullptr) channel->on_refused(failure->description);
    return {};
  }
  if (!(*entry)->peer) return fail("a message for channel {}, which is not open yet", recipient);
  if (const auto* request = std::get_if<ChannelRequest>(&message)) {
    if (request->want_reply) sink_.send(encode(ChannelFailure{*(*entry)->peer}));
    return {};
  }
  if (channel == nullptr) return {};
  if (const auto* adjust = std::get_if<ChannelWindowAdjust>(&message)) return channel->on_window_adjust(adjust->bytes);
  if (const auto* data = std::get_if<ChannelData>(&message)) return channel->on_data(packet.last(data->data.size()));
  // EOF: the far end of the TCP connection has said all it will say, and SSH has no half-closed transport.
  if (std::holds_alternative<ChannelEof>(message)) channel->on_end(Error{"the connection was closed"});
  return {};
}

}  // namespace bastion::connection
