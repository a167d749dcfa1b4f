// The process that talks to the issuer for the one that serves (`bastion sign-on`), as that sees it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/watcher.h"
#include "bastion/oidc/messages.h"
#include "bastion/oidc/sign_on.h"
#include "bastion/signer/companion.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::oidc {

// The word it is started by.
inline constexpr const char* kVerb = "sign-on";

// One sign-on. Destroyed, it ends there too. May be destroyed by whoever waits for its events.
class Conversation {
 public:
  Conversation(loop::Loop& loop, loop::Descriptor socket);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // What the user needs for it.
  [[nodiscard]] Event<Result<Shown>>& shown() { return shown_; }
  // The user says that they have done it: the issuer is asked at once, if it was not asked yet.
  void go_on();
  // Who they are; or why nobody knows, in a sentence for them.
  [[nodiscard]] Event<Result<SignedOn>>& outcome() { return outcome_; }

 private:
  void on_readable();
  void end(Error why);

  loop::Descriptor socket_;
  Event<Result<Shown>> shown_;
  Event<Result<SignedOn>> outcome_;
  loop::Watcher watcher_;
};

class Issuer {
 public:
  // As Companion::start().
  [[nodiscard]] static Result<std::unique_ptr<Issuer>> start();

  // Once, what it is to ask. What it could not give up, for the log; empty: nothing. The error: the client's secret
  // cannot be read.
  [[nodiscard]] Result<std::string> confine(const Start& start);
  // From any thread, whose loop it is. At most kMost run at a time; one more fails.
  [[nodiscard]] Result<std::unique_ptr<Conversation>> begin(loop::Loop& loop);

  // The process, for whoever looks at it.
  [[nodiscard]] pid_t process() const { return process_.process(); }

  static constexpr std::size_t kMost = 64;

 private:
  explicit Issuer(signer::Companion process) : process_(std::move(process)) {}

  signer::Companion process_;
};

}  // namespace bastion::oidc
