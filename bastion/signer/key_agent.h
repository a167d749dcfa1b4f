// The agent of a configuration, as the signer uses it: who waits for a session does not wait behind strangers, and
// somebody looks whether it is there, also while nobody asks for signatures.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bastion/base/public_key.h"
#include "bastion/base/result.h"
#include "bastion/signer/agent.h"
#include "bastion/signer/connector.h"
#include "bastion/signer/messages.h"

namespace bastion::signer {

// The same question from a process that may connect itself.
[[nodiscard]] Result<std::vector<ByteVector>> keys_in_agent(const std::filesystem::path& socket);

class KeyAgent {
 public:
  static constexpr std::chrono::milliseconds kLook{5000};
  static constexpr std::chrono::milliseconds kLookWhileGone{500};

  // While there is one thread: starts the process that connects.
  [[nodiscard]] static Result<std::unique_ptr<KeyAgent>> start(const std::filesystem::path& socket);
  ~KeyAgent();
  KeyAgent(const KeyAgent&) = delete;
  KeyAgent& operator=(const KeyAgent&) = delete;

  [[nodiscard]] Agent& of(Urgency urgency) { return urgency == Urgency::strangers ? strangers_ : sessions_; }
  [[nodiscard]] Result<> has(const std::vector<PublicKey>& keys) { return looks_.has(keys); }
  // See Connector::watched().
  [[nodiscard]] int watched() const { return connector_->watched(); }
  // Once: looks from then on whether it has these keys, and calls that, on a thread of its own, when it has them no
  // more, with the reason, and when it has them again, with an empty text.
  [[nodiscard]] Result<> watch(std::vector<PublicKey> keys, std::function<void(std::string_view why_not)> on_change);

 private:
  KeyAgent(const std::filesystem::path& socket, std::unique_ptr<Connector> connector);
  void look(const std::vector<PublicKey>& keys, const std::function<void(std::string_view)>& on_change);

  std::unique_ptr<Connector> connector_;
  Agent sessions_;
  Agent strangers_;
  Agent looks_;
  std::mutex mutex_;
  std::condition_variable ends_;
  bool has_ended_ = false;
  std::thread thread_;
};

}  // namespace bastion::signer
