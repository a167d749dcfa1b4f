// What the commands for backends and for containers do with host keys.
#pragma once

#include <string>
#include <string_view>

#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"
#include "store/host_keys.h"

namespace bastion::admin {

// `--host-key`, if it is given: in place of what is known, or beside it.
[[nodiscard]] Result<> pin_given(Context& context, const Arguments& arguments, const store::HostKeyOwner& owner);
[[nodiscard]] Result<> pin_given_too(Context& context, const Arguments& arguments, const store::HostKeyOwner& owner);

// With or without the name of the hash before it.
[[nodiscard]] bool is_fingerprint_of(std::string_view given, Bytes blob);

// What `… show` says about host keys: those that count, the one that was refused, and the name that certificates are
// for.
struct ShownHostKeys {
  Cell host_key = nullptr;
  Cell refused_host_key = nullptr;
  Cell alias = nullptr;
  // That other machines have one of them too; empty: none has. A note for whoever looks at it.
  std::string note;
};
[[nodiscard]] Result<ShownHostKeys> shown_host_keys(Context& context, const store::HostKeyOwner& owner);

// `… forget-host-key`. `whose` is how a sentence names the owner: `backend be1`.
[[nodiscard]] Result<Answer> forget_host_key(Context& context, const store::HostKeyOwner& owner, std::string_view whose,
                                             std::string subject);

}  // namespace bastion::admin
