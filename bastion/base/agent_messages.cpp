#include "bastion/base/agent_messages.h"

#include <utility>

#include "bastion/base/wire_format.h"

namespace bastion {
namespace {

constexpr std::uint8_t kFailure = 5;
constexpr std::uint8_t kSuccess = 6;
constexpr std::uint8_t kRequestIdentities = 11;
constexpr std::uint8_t kIdentitiesAnswer = 12;
constexpr std::uint8_t kSignRequest = 13;
constexpr std::uint8_t kSignResponse = 14;
constexpr std::uint8_t kExtension = 27;
constexpr std::uint8_t kExtensionFailure = 28;

constexpr std::uint32_t kRsaSha256 = 2;
constexpr std::uint32_t kRsaSha512 = 4;

constexpr std::size_t kLengthSize = 4;
// Two lengths: of a key and of a comment.
constexpr std::size_t kLeastOfKey = 2 * kLengthSize;

ByteVector framed(const WireWriter& request) {
  WireWriter out;
  out.string(request.view());
  return out.take();
}

std::uint32_t flags_of(std::string_view algorithm) {
  if (algorithm.starts_with("rsa-sha2-256")) return kRsaSha256;
  if (algorithm.starts_with("rsa-sha2-512")) return kRsaSha512;
  return 0;
}

std::uint8_t type_of(Bytes answer) { return answer.empty() ? std::uint8_t{0} : answer[0]; }

std::unexpected<Error> unexpected_answer(Bytes answer, std::string_view question) {
  if (is_agent_failure(answer)) return fail("the agent refuses {}", question);
  if (answer.empty()) return fail("the agent answers {} with nothing", question);
  return fail("the agent answers {} with a message of type {}", question, answer[0]);
}

}  // namespace

ByteVector encode_request_identities() {
  WireWriter request;
  request.u8(kRequestIdentities);
  return framed(request);
}

ByteVector encode_sign_request(Bytes key, Bytes data, std::string_view algorithm) {
  WireWriter request;
  request.u8(kSignRequest).string(key).string(data).u32(flags_of(algorithm));
  return framed(request);
}

ByteVector encode_session_bind(Bytes host_key, Bytes session_id, Bytes host_signature, bool is_forwarding) {
  WireWriter request;
  request.u8(kExtension).string(std::string_view{"session-bind@openssh.com"});
  request.string(host_key).string(session_id).string(host_signature).boolean(is_forwarding);
  return framed(request);
}

bool is_agent_failure(Bytes answer) {
  return answer.size() == 1 && (answer[0] == kFailure || answer[0] == kExtensionFailure);
}

Result<bool> decode_success(Bytes answer) {
  if (is_agent_failure(answer)) return false;
  if (answer.size() != 1 || answer[0] != kSuccess) return unexpected_answer(answer, "an extension");
  return true;
}

Result<std::vector<AgentKey>> decode_identities_answer(Bytes answer) {
  constexpr std::string_view kQuestion = "the question for its keys";
  if (type_of(answer) != kIdentitiesAnswer) return unexpected_answer(answer, kQuestion);
  WireReader in(answer.subspan(1));
  const auto count = in.u32();
  if (!in.ok()) return fail("the agent's list of keys is cut off");
  if (count > kMostAgentKeys) return fail("the agent says that it has {} keys", count);
  if (count > answer.size() / kLeastOfKey) return fail("the agent's list of {} keys is cut off", count);
  std::vector<AgentKey> keys;
  keys.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto blob = in.string();
    const auto comment = in.text();
    if (!in.ok()) return fail("the agent's list of {} keys is cut off", count);
    keys.push_back({.blob = {blob.begin(), blob.end()}, .comment = std::string(comment)});
  }
  if (!in.at_end()) return fail("the agent's list of {} keys has bytes behind it", count);
  return keys;
}

Result<ByteVector> decode_sign_response(Bytes answer) {
  if (type_of(answer) != kSignResponse) return unexpected_answer(answer, "to sign");
  WireReader in(answer.subspan(1));
  const auto signature = in.string();
  if (!in.at_end() || signature.empty()) return fail("the agent's signature is malformed");
  return ByteVector(signature.begin(), signature.end());
}

Result<std::optional<Bytes>> AgentAnswer::add(Bytes bytes) {
  constexpr std::size_t kMost = kLengthSize + kLargestAgentAnswer;
  if (bytes.size() > kMost - received_.size()) return fail("the agent answers with more than it was asked for");
  received_.insert(received_.end(), bytes.begin(), bytes.end());
  if (received_.size() < kLengthSize) return std::nullopt;
  const auto announced = std::size_t{WireReader(received_).u32()};
  if (announced == 0) return fail("the agent answers with nothing");
  if (announced > kLargestAgentAnswer) return fail("the agent announces an answer of {} bytes", announced);
  const auto answer = Bytes{received_}.subspan(kLengthSize);
  if (answer.size() < announced) return std::nullopt;
  if (answer.size() > announced) return fail("the agent answers with more than it was asked for");
  return answer;
}

}  // namespace bastion
