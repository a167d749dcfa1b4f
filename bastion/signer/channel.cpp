#include "bastion/signer/channel.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <utility>

#include "bastion/signer/messages.h"
#include "bastion/signer/packet.h"

namespace bastion::signer {

Channel::Channel(loop::Descriptor socket, std::chrono::milliseconds patience) : socket_(std::move(socket)) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const timeval time{.tv_sec = seconds.count(),
                     .tv_usec = std::chrono::duration_cast<std::chrono::microseconds>(patience - seconds).count()};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

Result<ByteVector> Channel::sign(const transport::SignatureRequest& request) {
  const Request asked{.id = ++last_id_,
                      .key = {request.key.begin(), request.key.end()},
                      .algorithm = std::string(request.algorithm),
                      .data = {request.data.begin(), request.data.end()},
                      .host_key = {request.host_key.begin(), request.host_key.end()},
                      .host_signature = {request.host_signature.begin(), request.host_signature.end()}};
  const auto message = encode(asked);
  if (message.size() > kLargestMessage) return fail("this is too much to sign");
  if (auto sent = send_packet(socket_.get(), message); !sent) return fail("the signer: {}", sent.error().text);
  for (;;) {
    const auto packet = receive_packet(socket_.get());
    if (!packet) return fail("the signer: {}", packet.error().text);
    if (!*packet) return fail("the signer has ended");
    auto reply = parse_reply((*packet)->message);
    if (!reply) return std::unexpected(reply.error());
    // What nobody waited for any longer comes first.
    if (reply->id == asked.id) return std::move(reply->signature);
  }
}

}  // namespace bastion::signer
