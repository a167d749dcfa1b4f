// What becomes of connections that the bastion itself does not go on with before anybody has authenticated: one row of
// a closed table each, which gives the reason in the log and the counter.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "bastion/metrics/counters.h"

namespace bastion::server {

enum class Fate : std::uint8_t {
  // Refused when it came.
  no_proxy_header,  // it comes from a load balancer, which has not said whose it is
  banned,           // by an administrator
  penalty,          // for what came from its source before
  full_source,      // its source has as many strangers as it may
  full,             // there are too many strangers, or it was dropped early
  // Let in, and let go.
  made_room,        // it was silent when others came
  no_version_line,  // it has not sent one in time
  too_many_rsa,     // its source has had all the signatures with an RSA host key that it may
};

struct FateRow {
  std::string_view reason;  // in the log
  std::string_view what;    // has happened to the connection
  std::string_view why;     // for administrators
  metrics::Counter metrics::Counters::* counter;
};

[[nodiscard]] const FateRow& row_of(Fate fate);
// All of them, in the order of Fate.
[[nodiscard]] std::span<const FateRow> fates();

}  // namespace bastion::server
