// An ssh-agent that has private keys of the bastion (draft-ietf-sshm-ssh-agent), and behind it perhaps a token
// (PKCS#11). The signer decides what is signed, as with its own keys; the agent is only where the keys are. What it
// answers is hostile.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/public_key.h"
#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"
#include "bastion/transport/signing.h"

namespace bastion::signer {

class Agent final : public transport::RemoteSigner {
 public:
  using Connect = std::function<Result<loop::Descriptor>()>;
  struct Times {
    // For an answer, with the wait for those that were asked before. Whoever waits for the signer has more.
    std::chrono::milliseconds patience{2000};
    // One that has let it pass is not asked again for so long; twice that after the next time, and so on to the second.
    std::chrono::milliseconds rest{5000};
    std::chrono::milliseconds longest_rest{60'000};
  };

  // `place` is what messages call it. Each connection is made when it is needed, and again when the agent has closed
  // it: one that was started anew is found.
  Agent(std::string place, Connect connect) : Agent(std::move(place), std::move(connect), Times{}) {}
  Agent(std::string place, Connect connect, Times times);

  // From any thread. What it returns is a signature by that key, over that. The error says that it is the agent's.
  [[nodiscard]] Result<ByteVector> sign(const transport::SignatureRequest& request) override;

  // What it says that it has. It is asked at once, also while it rests.
  [[nodiscard]] Result<std::vector<ByteVector>> keys();
  // The error names the first of these keys that it does not have, or says why that is not known.
  [[nodiscard]] Result<> has(const std::vector<PublicKey>& keys);

  // How many it has made: one more than before, and it may be another agent.
  [[nodiscard]] unsigned connections() const { return connections_; }
  // It is not the one that has not answered: the rest is over.
  void is_another() {
    const std::lock_guard lock(mutex_);
    rests_until_ = {};
    rest_ = times_.rest;
  }

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] std::unexpected<Error> blame(std::string_view what) const;
  Result<ByteVector> ask(Bytes request, Clock::time_point until);
  Result<ByteVector> ask_once(Bytes request, Clock::time_point until);
  void rest();

  const std::string place_;
  const Connect connect_;
  const Times times_;
  // A request at a time: answers carry no number. Waited for by the system's clock, which is what GCC 12's
  // ThreadSanitizer sees of a timed mutex.
  std::timed_mutex mutex_;
  loop::Descriptor connection_;
  bool has_closed_ = false;  // the last request found the connection closed, and was not answered
  bool was_silent_ = false;
  std::atomic<unsigned> connections_ = 0;
  Clock::time_point rests_until_;
  std::chrono::milliseconds rest_;
};

}  // namespace bastion::signer
