// What an ssh-agent is asked, and what it answers (draft-ietf-sshm-ssh-agent; OpenSSH's PROTOCOL.agent for
// session-bind@openssh.com). The agent is a user's, or may be: every byte of an answer is hostile. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion {

// The largest answer that is taken, without its length: as OpenSSH's agent has it (AGENT_MAX_LEN).
inline constexpr std::size_t kLargestAgentAnswer = std::size_t{256} * 1024;
// The most keys that an answer may list (OpenSSH: MAX_AGENT_IDENTITIES).
inline constexpr std::uint32_t kMostAgentKeys = 2048;

struct AgentKey {
  ByteVector blob;      // a public key or a certificate, as the agent has it; nobody has looked at it
  std::string comment;  // any bytes
  friend bool operator==(const AgentKey&, const AgentKey&) = default;
};

// Requests, with their length in front. One at a time: answers carry no number.
[[nodiscard]] ByteVector encode_request_identities();
// `algorithm` as SSH calls that of the signature (`rsa-sha2-512`): it decides the flags, which only RSA keys need.
[[nodiscard]] ByteVector encode_sign_request(Bytes key, Bytes data, std::string_view algorithm);
// Says over which connection the following requests come: the host at its end, the session id, and the host key's
// signature over that. `is_forwarding`: the agent goes on through it, and is not used to log in there.
[[nodiscard]] ByteVector encode_session_bind(Bytes host_key, Bytes session_id, Bytes host_signature,
                                             bool is_forwarding);

// Answers, without their length. An error is one line, of what the agent has sent in the place of an answer.
[[nodiscard]] Result<std::vector<AgentKey>> decode_identities_answer(Bytes answer);
// In the encoding of RFC 4253 section 6.6; nobody has verified it. The agent's refusal is an error, too: `refused`.
[[nodiscard]] Result<ByteVector> decode_sign_response(Bytes answer);
// SSH_AGENT_SUCCESS, or the failure of an agent that knows no such thing or refuses it.
[[nodiscard]] Result<bool> decode_success(Bytes answer);
// SSH_AGENT_FAILURE: it has understood, and will not.
[[nodiscard]] bool is_agent_failure(Bytes answer);

// Collects the answer to one request from a stream. It holds what has come, never what was announced.
class AgentAnswer {
 public:
  // The answer when it is whole, without its length; a view that is good until the next call. The error: no agent
  // answers like this, and nothing more is to be expected of it.
  [[nodiscard]] Result<std::optional<Bytes>> add(Bytes bytes);
  // For the next request's.
  void clear() { received_.clear(); }

 private:
  ByteVector received_;
};

}  // namespace bastion
