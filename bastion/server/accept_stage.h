// A stage between accept(2) and the limits on strangers: it may look at the first bytes of a connection, and say whom
// it is from. Envoy has the same as listener filters.
#pragma once

#include <cstddef>
#include <string>
#include <variant>

#include "bastion/base/bytes.h"
#include "bastion/base/endpoint.h"

namespace bastion::server {

class AcceptStage {
 public:
  // It cannot say yet: it looks again when so many bytes are there. More than before, and kMostBytes at most.
  struct Wait {
    std::size_t bytes = 0;
  };
  // The connection goes on, from there. So many of its first bytes were for the stage, and nobody else sees them.
  struct Pass {
    Endpoint from;
    std::size_t bytes = 0;
    // Nobody's but the balancer's: it looks whether somebody answers.
    bool is_check = false;
  };
  // It ends here, without a word.
  struct Drop {
    std::string why;  // for the log
  };
  using Verdict = std::variant<Wait, Pass, Drop>;

  // A PROXY header of version 2 with everything that others put into it is shorter.
  static constexpr std::size_t kMostBytes = 4096;

  virtual ~AcceptStage() = default;
  // `first` is what has come so far; nothing at the first call.
  [[nodiscard]] virtual Verdict look(const Endpoint& peer, Bytes first) = 0;
};

}  // namespace bastion::server
