// Whoever comes with a certificate of a CA that makes accounts gets one (server/account_maker.h).
#pragma once

#include <string>

#include "bastion/base/result.h"
#include "bastion/base/task.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::session {

class NewAccounts {
 public:
  struct Wanted {
    std::string name;
    std::string ca;           // as it is called here
    std::string certificate;  // serial number and key id, as the log has them
    std::string fingerprint;  // of the key in it
    std::string from_host;
    std::string session;
  };
  // An account with the role user, unless there is one by now. An error: there is none.
  [[nodiscard]] virtual Task<Result<>> make(loop::Loop& loop, Wanted wanted) = 0;

 protected:
  ~NewAccounts() = default;
};

}  // namespace bastion::session
