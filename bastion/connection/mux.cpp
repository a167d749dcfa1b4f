#include "bastion/connection/mux.h"

#include "bastion/base/wire_format.h"

namespace bastion::connection {

std::unique_ptr<LocalChannel> Mux::open_direct_tcpip(std::string_view host, std::uint16_t port) {
  // The originator is the bastion as a whole, not a socket of it: users' addresses are no business of a backend.
  WireWriter target;
  target.string(host).u32(port).string(std::string_view{"127.0.0.1"}).u32(0);
  return open("direct-tcpip", target.view());
}

std::unique_ptr<LocalChannel> Mux::open_session() { return open("session", {}); }

std::unique_ptr<LocalChannel> Mux::open(std::string_view type, Bytes payload) {
  const auto number = next_++;
  auto channel = channels_.opening(number);
  sink_.send(encode(ChannelOpen{.type = type,
                                .sender = number,
                                .window = channels_.first_window(),
                                .max_packet = LocalChannel::kMaxPacket,
                                .payload = payload}));
  return channel;
}

void Mux::ping() {
  ++asked_;
  sink_.send(encode(GlobalRequest{"keepalive@openssh.com", true, {}}));
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
  if (std::holds_alternative<RequestSuccess>(*message) || std::holds_alternative<RequestFailure>(*message)) {
    if (answered_ < asked_) ++answered_;
    return {};
  }
  return channels_.receive(recipient_of(packet), *message, packet);
}

}  // namespace bastion::connection
