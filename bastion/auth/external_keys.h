// Keys of users that a program of the administrator's knows (`authorized_keys_command`), asked for where the directory
// has none that lets somebody in.
#pragma once

#include <memory>
#include <string>

#include "bastion/access/printed_keys.h"
#include "bastion/base/public_key.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::auth {

class ExternalKeys {
 public:
  struct Asked {
    std::string user;         // as they are called here
    PublicKey shown{};        // the key, or the certificate
    std::string from_host{};  // who waits for the answer; empty: nobody who is a stranger
    bool is_somebody = true;  // nobody is asked about others, which takes as long
  };
  // An error: the program could not be asked, or has not answered as it should.
  using Answer = Result<std::shared_ptr<const access::PrintedKeys>>;

  // From any thread, whose loop it is.
  [[nodiscard]] virtual Task<Answer> ask(loop::Loop& loop, Asked asked) = 0;
  // Whether it is asked about each key by itself.
  [[nodiscard]] virtual bool names_the_key() const = 0;

 protected:
  ~ExternalKeys() = default;
};

}  // namespace bastion::auth
