// The process that holds the private keys, as the one that serves sees it (`bastion signer`).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/loop/descriptor.h"
#include "bastion/signer/channel.h"
#include "bastion/signer/companion.h"
#include "bastion/signer/messages.h"

namespace bastion::signer {

// The word it is started by.
inline constexpr const char* kVerb = "signer";

class Signer {
 public:
  // Before there are threads, and before anything is opened that it is not to have.
  [[nodiscard]] static Result<std::unique_ptr<Signer>> start();
  // Once. The error is what keeps it from having the keys. `urgencies` has one for each channel.
  [[nodiscard]] Result<Holds> load(Start start, const std::vector<Urgency>& urgencies);
  // Those channels, in that order, once each.
  [[nodiscard]] std::unique_ptr<Channel> take_channel();

  // What it logs from now on. It logs what it refuses at every level: whoever is refused must not choose that.
  void log_from(std::uint8_t level);

  // Readable when it has ended, and when it says something.
  [[nodiscard]] int watched() const { return process_.control(); }
  // Then: why the agent that has keys cannot sign, or an empty text when it can again. Nothing: it has ended.
  [[nodiscard]] std::optional<std::string> said();
  // The process, for whoever looks at it.
  [[nodiscard]] pid_t process() const { return process_.process(); }

 private:
  explicit Signer(Companion process) : process_(std::move(process)) {}

  Companion process_;  // it ends when its channels are closed too
  std::vector<loop::Descriptor> channels_;
  std::size_t taken_ = 0;
};

}  // namespace bastion::signer
