// What the commands for backends and for containers do with host keys.
#pragma once

#include <string>
#include <string_view>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"
#include "store/host_keys.h"

namespace bastion::admin {

// `--host-key`, if it is given.
[[nodiscard]] Result<> pin_given(Context& context, const Arguments& arguments, const store::HostKeyOwner& owner);

// That other machines have the host key of this one; empty: none has. A note for whoever looks at it.
[[nodiscard]] Result<std::string> note_on_copies(Context& context, const store::HostKeyOwner& owner);

// `… forget-host-key`. `whose` is how a sentence names the owner: `backend be1`.
[[nodiscard]] Result<Answer> forget_host_key(Context& context, const store::HostKeyOwner& owner, std::string_view whose,
                                             std::string subject);

}  // namespace bastion::admin
