// Whole messages over SOCK_SEQPACKET.
#pragma once

#include <optional>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"

namespace bastion::signer {

struct SocketPair {
  loop::Descriptor ours;
  loop::Descriptor theirs;
};
// Neither is inherited by a program that is started.
[[nodiscard]] Result<SocketPair> make_socket_pair();

// Blocks, for as long as the socket is set to. With the message goes the descriptor, unless it is negative.
[[nodiscard]] Result<> send_packet(int socket, Bytes message, int descriptor = -1);

struct Packet {
  ByteVector message;           // not empty
  loop::Descriptor descriptor;  // where one came with it
};
// Blocks likewise; nothing when the other end is closed. One that is larger than any message is an error, as is a
// message without a byte in it.
[[nodiscard]] Result<std::optional<Packet>> receive_packet(int socket);

// Of a companion of whoever serves: what it is told next by who has started it, who is alone in having the other end.
[[nodiscard]] Result<std::optional<Packet>> receive_from_starter(int socket);

}  // namespace bastion::signer
