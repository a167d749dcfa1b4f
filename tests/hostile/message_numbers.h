// Messages of every number, said by a client before it has authenticated: what becomes of the connection is sshd's to
// say. It answers what has no business there with SSH_MSG_UNIMPLEMENTED (RFC 4253 section 11.4) and goes on.
#pragma once

#include <cstdint>
#include <span>

#include "bastion/base/bytes.h"

namespace bastion::hostile {

// All kinds, but for those that end a connection by what they mean, for 50, which does have business there, and for
// what is above 191: sshd ends the connection there, because OpenSSH uses these inside of itself.
[[nodiscard]] std::span<const std::uint8_t> untimely_numbers();
// Fields enough for whoever reads some.
[[nodiscard]] ByteVector untimely_message(std::uint8_t number);

}  // namespace bastion::hostile
