// A login without a user: every step of the path (path.h), tried for real. The one difference is that nobody proves a
// key: it is looked at as if she had.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "bastion/access/target.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/upstream/hop_pool.h"

namespace bastion::store {
class Reader;
}

namespace bastion::probe {

struct Rehearsal {
  struct Question {
    access::Target target;
    std::optional<std::string> from_host = std::nullopt;    // numeric; nothing: from wherever she may
    std::optional<std::string> fingerprint = std::nullopt;  // nothing: any key of hers
  };
  // What went well; the last one may not have.
  struct Step {
    std::string name;
    std::string what;
    std::chrono::milliseconds took{0};
    bool good = true;
  };

  std::vector<Step> steps;
  // It would not succeed: nobody would be let in, which strangers are not told the reason of; or it would end so.
  std::optional<std::string> denied = std::nullopt;
  std::optional<End> end = std::nullopt;
};

// Connections that it makes to backends stay in the pool, and host keys it sees for the first time are remembered: as
// with any login.
[[nodiscard]] Task<Rehearsal> rehearse(Rehearsal::Question question, store::Reader& reader,
                                       const upstream::Credentials& credentials, upstream::HopPool& hops);

}  // namespace bastion::probe
