// Somebody who was refused, as whoever looks at the bastion is told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bastion::session {

// So many of them are kept, the newest.
inline constexpr std::size_t kMostRefusals = 50;

struct Refusal {
  std::int64_t at = 0;   // Unix seconds
  std::string from;      // the address
  std::string user;      // what a stranger has sent is as log_value() has it; empty: nobody was named
  std::string key = {};  // the fingerprint of the first one they have shown, of which nothing is proven; empty: none
  std::string reason;    // as code_of() has it, or a fate's
  std::string sentence;  // for administrators, printable and on one line
  std::string id;        // of the session; empty: it never had one

  bool operator==(const Refusal&) const = default;
};

}  // namespace bastion::session
