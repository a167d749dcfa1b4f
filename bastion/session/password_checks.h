// Whether what somebody has typed is their password, and another one in its place (server/password_checker.h).
// Strangers ask for it: it costs time and memory, and is done elsewhere, so much at once.
#pragma once

#include <cstdint>
#include <string>

#include "bastion/base/result.h"
#include "bastion/base/task.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::session {

class PasswordChecks {
 public:
  struct Typed {
    std::string hash;  // what it is compared with
    std::string text;  // a stranger's; in no log
    std::string from_host;
  };
  using Verdict = Result<bool>;

  // An error: too many are looked at just now, or there is no memory for it. Nobody can tell, and nobody is let in.
  [[nodiscard]] virtual Task<Verdict> is_right(loop::Loop& loop, Typed typed) = 0;

  // Of somebody who has typed the one before, and for whom the new one is not objected to (auth/password.h).
  struct Change {
    std::int64_t user = 0;
    std::string name;         // of that user
    std::int64_t before = 0;  // the store's row
    std::string text;         // the new one; in no log
    std::string from_host;
    std::string session;  // the id of the connection
  };
  // The row of the new one. It is on the disk by then, in a fleet in its log. The error is a sentence for them.
  [[nodiscard]] virtual Task<Result<std::int64_t>> change(loop::Loop& loop, Change change) = 0;

 protected:
  ~PasswordChecks() = default;
};

}  // namespace bastion::session
