// A process beside this one: the same program, started anew by another word, so that it has its own layout of memory
// and nothing of ours in it.
#pragma once

#include <sys/types.h>

#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"

namespace bastion::signer {

class Companion {
 public:
  // Before there are threads, and before anything is opened that it is not to have. Its standard input is the other end
  // of control().
  [[nodiscard]] static Result<Companion> start(const char* word);
  // Waits until it has ended, which it does by itself when nobody can talk to it any more.
  ~Companion();
  Companion(Companion&& other) noexcept;
  Companion& operator=(Companion&&) = delete;

  // A socket for whole messages (packet.h).
  [[nodiscard]] int control() const { return control_.get(); }
  [[nodiscard]] pid_t process() const { return process_; }

 private:
  Companion(pid_t process, loop::Descriptor control);

  pid_t process_;
  loop::Descriptor control_;
};

}  // namespace bastion::signer
