#include "bastion/connection/refusal.h"

#include <array>
#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/connection/session_start.h"

namespace bastion::connection {

void answer_refused(RelayedChannel& channel, const Message& message, PacketSink& user) {
  auto& peer = channel.user;
  if (const auto* request = std::get_if<ChannelRequest>(&message)) {
    if (request->want_reply && peer.closing.may_send()) user.send(encode(ChannelSuccess{*peer.number}));
    if (starts_session(*request)) end_refused(channel, user);
  }
  if (const auto* adjust = std::get_if<ChannelWindowAdjust>(&message)) {
    peer.window += adjust->bytes;
    if (channel.refusal_waits) end_refused(channel, user);
  }
  if (std::holds_alternative<ChannelClose>(message)) {
    peer.closing.receive_close();
    if (peer.closing.send_close()) user.send(encode(ChannelClose{*peer.number}));
  }
}

void end_refused(RelayedChannel& channel, PacketSink& user) {
  auto& peer = channel.user;
  const auto line = channel.refusal + "\r\n";  // her terminal may be in raw mode
  const bool is_told = channel.is_session && !channel.exit_told && peer.closing.may_send_data();
  channel.refusal_waits = is_told && line.size() > peer.window;
  if (channel.refusal_waits || !peer.closing.send_close()) return;
  if (is_told) {
    if (peer.has_room_for(line.size())) user.send(encode(ChannelExtendedData{*peer.number, kStderr, bytes_of(line)}));
    user.send(encode_exit_status(*peer.number, channel.refusal_status));
  }
  user.send(encode(ChannelEof{*peer.number}));
  user.send(encode(ChannelClose{*peer.number}));
}

}  // namespace bastion::connection
