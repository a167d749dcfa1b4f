// What a user is told on a channel that leads nowhere: the sentence on standard error, an exit status, EOF, CLOSE. She
// reads it wherever she looks: in a terminal, behind a command, in what an sftp client prints.
#pragma once

#include "bastion/base/packet_sink.h"
#include "bastion/connection/relayed_channel.h"

namespace bastion::connection {

// What ssh itself returns for a lost connection.
inline constexpr std::uint32_t kLostExitStatus = 255;
// As for a program that was told not to.
inline constexpr std::uint32_t kRefusedExitStatus = 1;

// A message of hers on a refused channel. Until a session asks for its shell, command or subsystem there is nobody to
// tell; every other request is granted, so that she gets there.
void answer_refused(RelayedChannel& channel, const Message& message, PacketSink& user);

// Ends the channel at her side, once: with the sentence and the status, where it is a session that has not ended yet.
// Where her window does not cover the sentence, because she was in the middle of reading, that waits for her next
// adjustment; after her CLOSE there will be none.
void end_refused(RelayedChannel& channel, PacketSink& user);

}  // namespace bastion::connection
