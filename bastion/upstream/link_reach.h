// A stream to the sshd of a backend that dials in: a channel of a link that its machine has made.
#pragma once

#include <chrono>
#include <expected>
#include <memory>

#include "bastion/access/route.h"
#include "bastion/base/byte_stream.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/upstream/client_login.h"

namespace bastion::upstream {

// A link that does not answer for so long is left for an older one.
inline constexpr std::chrono::seconds kLinkAnswers{3};
// A link that is gone no longer than this, or may have been here so long ago, is waited for: its machine makes another
// one (packaging/backend/bastion-link@.service waits for 2 s before it does).
inline constexpr std::chrono::seconds kLinkComesBack{15};

// The newest link that answers. Without one, and when there was one a moment ago, waits as long as a dial takes.
[[nodiscard]] Task<std::expected<std::unique_ptr<ByteStream>, End>> reach_by_link(const Credentials& credentials,
                                                                                  access::Hop hop);

}  // namespace bastion::upstream
