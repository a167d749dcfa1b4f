// The id of a session: what the user reads in a refusal and the admin finds in the log.
#pragma once

#include <string>

namespace bastion::server {

// Eight characters without vowels and look-alikes, so that it can be read out over a telephone. Random: it tells
// nothing about how many sessions there are.
[[nodiscard]] std::string new_id();

}  // namespace bastion::server
