// Whether what somebody has typed is a code of theirs (server/code_checker.h). Somebody has shown before who they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bastion/access/credential.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::session {

class CodeChecks {
 public:
  struct Typed {
    std::int64_t user = 0;
    std::string name;  // of that user
    std::string text;  // a stranger's; in no log
  };
  using Verdict = Result<std::optional<access::CodeCredential>>;

  // Nothing: it is wrong, was used, or nothing of theirs is looked at for a while. What is right is used up by this. An
  // error: nobody can tell, and nobody is let in.
  [[nodiscard]] virtual Task<Verdict> check(loop::Loop& loop, Typed typed) = 0;

 protected:
  ~CodeChecks() = default;
};

}  // namespace bastion::session
