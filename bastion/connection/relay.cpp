// What a message is about, and so which file has the rest of it.
#include "bastion/connection/relay.h"

namespace bastion::connection {

Relay::Relay(PacketSink& user, Delegate& delegate) : user_(user), delegate_(delegate), local_(user) {}

void Relay::set_variable(std::string_view name, std::string_view value) { variable_ = encode_variable(0, name, value); }

Traffic Relay::traffic() const {
  return {.from_user = from_user_, .from_container = from_container_ + local_.sent(), .apart = local_.apart()};
}

std::size_t Relay::served() const {
  return channels_.count([](const RelayedChannel& channel) {
    return channel.course == RelayedChannel::Course::served && channel.opener == Side::user;
  });
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

}  // namespace bastion::connection
