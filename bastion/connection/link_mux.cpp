#include "bastion/connection/link_mux.h"

#include <utility>

#include "bastion/base/wire_format.h"

namespace bastion::connection {
namespace {

// In the words of OpenSSH's sshd, with what would be right.
constexpr std::string_view kOnlyAForward =
    "administratively prohibited: this key is a backend's, which only makes a link: ssh -N -R 22:localhost:22";

}  // namespace

Result<> LinkMux::receive(MutableBytes packet) {
  const auto message = parse(packet);
  if (!message) return std::unexpected(message.error());
  if (const auto* open = std::get_if<ChannelOpen>(&*message)) {
    delegate_.on_refused(open->type);
    sink_.send(encode(ChannelOpenFailure{open->sender, OpenFailureCode::administratively_prohibited, kOnlyAForward}));
    return {};
  }
  if (const auto* request = std::get_if<GlobalRequest>(&*message)) {
    on_global_request(*request);
    return {};
  }
  // Whatever it answers to ping() will do.
  if (std::holds_alternative<RequestSuccess>(*message) || std::holds_alternative<RequestFailure>(*message)) return {};
  return channels_.receive(recipient_of(packet), *message, packet);
}

void LinkMux::on_global_request(const GlobalRequest& request) {
  std::optional<ByteVector> reply;
  const bool had_forward = has_forward();
  if (request.name == "tcpip-forward") {
    reply = listen(request);
    if (!reply) delegate_.on_refused("another forward");
  } else if (request.name == "cancel-tcpip-forward") {
    reply = cancel(request);
  } else if (request.name == "streamlocal-forward@openssh.com") {
    delegate_.on_refused(request.name);
  } else if (request.name == "hostkeys-prove-00@openssh.com") {
    reply = delegate_.prove_host_keys(request.payload);
  }
  if (request.want_reply) sink_.send(reply ? encode(RequestSuccess{*reply}) : encode(RequestFailure{}));
  if (had_forward != has_forward()) delegate_.on_forward(has_forward());
}

// Nothing is listened on, so any port will do, and any address.
std::optional<ByteVector> LinkMux::listen(const GlobalRequest& request) {
  auto wanted = parse_tcpip_forward(request);
  if (!wanted || forward_ || wanted->host.size() > kLongestAddress) return std::nullopt;
  WireWriter reply;
  if (wanted->port == 0) reply.u32(wanted->port = kPort);
  forward_ = *std::move(wanted);
  return ByteVector(reply.view().begin(), reply.view().end());
}

std::optional<ByteVector> LinkMux::cancel(const GlobalRequest& request) {
  const auto given_up = parse_tcpip_forward(request);
  if (!given_up || !forward_ || given_up->host != forward_->host || given_up->port != forward_->port) {
    return std::nullopt;
  }
  forward_.reset();
  return ByteVector{};
}

std::unique_ptr<LocalChannel> LinkMux::open() {
  if (!forward_) return nullptr;
  // The address and the port as it has asked for them: that is how it knows which forward is meant.
  WireWriter where;
  where.string(forward_->host).u32(forward_->port).string(std::string_view{"127.0.0.1"}).u32(0);
  const auto number = next_++;
  auto channel = channels_.opening(number);
  sink_.send(encode(ChannelOpen{.type = "forwarded-tcpip",
                                .sender = number,
                                .window = channels_.first_window(),
                                .max_packet = LocalChannel::kMaxPacket,
                                .payload = where.view()}));
  return channel;
}

void LinkMux::ping() { sink_.send(encode(GlobalRequest{"keepalive@openssh.com", true, {}})); }

}  // namespace bastion::connection
