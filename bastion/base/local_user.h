// Who somebody on this machine is.
#pragma once

#include <sys/types.h>

#include <string>

namespace bastion {

// `uid=1000 (alice)`; without a name where the machine has none for it. May ask a name service, and so block.
[[nodiscard]] std::string describe_local_user(uid_t uid);
// `alice`; empty where the machine has no name for it. May block likewise.
[[nodiscard]] std::string local_user_name(uid_t uid);

}  // namespace bastion
