// What came of a login without a user (explain.h), as a value.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "bastion/access/target.h"
#include "bastion/base/reason.h"

namespace bastion::probe {

struct Explanation {
  struct Question {
    access::Target target;
    std::optional<std::string> from_host = std::nullopt;    // numeric; nothing: from wherever she may
    std::optional<std::string> fingerprint = std::nullopt;  // nothing: any key of hers
    bool wake = false;                                      // what sleeps on the way is started, where it may be
    std::string asker = {};                                 // for whom; for the audit
  };
  // What went well; the last one may not have.
  struct Step {
    std::string name;
    std::string what;
    std::chrono::milliseconds took{0};
    bool good = true;
  };

  std::vector<Step> steps;
  std::string container = {};  // `owner/name`, when that is known
  // It would not succeed: nobody would be let in, which strangers are not told the reason of; or it would end so.
  std::optional<std::string> denied = std::nullopt;
  std::string methods = {};  // and by which methods they could go on then, as SSH_MSG_USERAUTH_FAILURE has them
  std::optional<End> end = std::nullopt;
};

}  // namespace bastion::probe
