// Authenticating at a container with the keys of the user's own agent (docs/DECISIONS.md, "A container that takes the
// user's own keys").
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/agent_messages.h"
#include "bastion/base/bytes.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/connection/local_channel.h"
#include "bastion/transport/client_session.h"

namespace bastion::loop {
class Loop;
class Timer;
}  // namespace bastion::loop

namespace bastion::upstream {

// The way to the agent of the user who is logging in.
struct UserAgent {
  // Asks the client for a channel to it; null: there can be none.
  std::function<std::unique_ptr<connection::LocalChannel>()> open;
  std::string first{};  // the fingerprint of the key that the user has logged in here with: it is shown first
  std::function<void(const std::string& line)> tell = {};  // the user, while something takes its time
};

// Each may list as many as it likes; sshd hangs up after 6 (MaxAuthTries), if it was not told otherwise.
inline constexpr std::size_t kMostShown = 32;
// A key or a certificate, and a signature: larger ones nobody makes.
inline constexpr std::size_t kLargestAgentKey = std::size_t{16} * 1024;
inline constexpr std::chrono::seconds kAgentAnswers{10};
// To touch a key, or to say yes to one that asks (`ssh-add -c`).
inline constexpr std::chrono::seconds kAgentSigns{60};

// Of the keys that an agent lists, those that can be shown, in the order in which they are.
[[nodiscard]] std::vector<AgentKey> keys_to_show(std::vector<AgentKey> listed, std::string_view first);
// Whether this is a signature by that algorithm (RFC 4253 section 6.6): certificates sign as their keys do.
[[nodiscard]] bool is_signature_by(Bytes signature, std::string_view algorithm);

// The session has shown the host key that is expected of it. The End is without the container's name: `subject` of
// Reason::agent_failed is what the user reads. `deadline` is the container's, and stands still while the agent is
// asked.
struct AgentLoginFailure {
  Reason reason;
  std::string subject{};  // empty: the container's name
  std::string detail{};
};
[[nodiscard]] Task<std::expected<std::string, AgentLoginFailure>> log_in_with_agent(
    loop::Loop& loop, transport::ClientSession& session, UserAgent& agent, loop::Timer& deadline,
    std::chrono::seconds within, std::string container);

}  // namespace bastion::upstream
