// What is said over the sockets of the signer, one message in each packet (SOCK_SEQPACKET), in the data types of RFC
// 4251 section 5. What a reader gets is taken for hostile.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/public_identity.h"
#include "bastion/base/public_key.h"
#include "bastion/base/result.h"

namespace bastion::signer {

// Room for the largest RSA keys and their signatures.
inline constexpr std::size_t kLargestMessage = std::size_t{16} * 1024;

// serve to the signer, first: what it is to have, and how many channels follow, each a message with one descriptor.
struct Start {
  std::string state_dir{};
  std::string database{};
  std::string host_key_algorithms{};
  std::string key_agent{};  // the socket of the agent that has private halves; empty: there is none
  std::uint8_t log_level = 0;
  std::uint8_t log_form = 0;
  std::uint32_t channels = 0;
};
[[nodiscard]] ByteVector encode(const Start& start);
[[nodiscard]] Result<Start> parse_start(Bytes message);

// Who waits for what is signed through a channel.
enum class Urgency : std::uint8_t { sessions, strangers };
[[nodiscard]] ByteVector encode(Urgency urgency);
[[nodiscard]] Result<Urgency> parse_urgency(Bytes message);

// The signer's answer: the public halves of what it holds, or why it does not serve.
struct Holds {
  std::vector<PublicKey> host_keys;  // in their order
  PublicIdentity identity;
};
[[nodiscard]] ByteVector encode(const Result<Holds>& holds);
[[nodiscard]] Result<Holds> parse_holds(Bytes message);

// serve to the signer, whenever it has changed.
[[nodiscard]] ByteVector encode_log_level(std::uint8_t level);
[[nodiscard]] Result<std::uint8_t> parse_log_level(Bytes message);

// The signer to serve, whenever that has changed: why its agent cannot sign, or that it can (an empty text).
[[nodiscard]] ByteVector encode_agent_state(std::string_view why_not);
[[nodiscard]] Result<std::string> parse_agent_state(Bytes message);

// A thread of serve to the signer. `id` comes back with the answer.
struct Request {
  std::uint32_t id = 0;
  ByteVector key;  // these are as transport::SignatureRequest has them
  std::string algorithm;
  ByteVector data;
  ByteVector host_key;
  ByteVector host_signature;
};
[[nodiscard]] ByteVector encode(const Request& request);
[[nodiscard]] Result<Request> parse_request(Bytes message);

struct Reply {
  std::uint32_t id = 0;
  Result<ByteVector> signature;
};
[[nodiscard]] ByteVector encode(const Reply& reply);
[[nodiscard]] Result<Reply> parse_reply(Bytes message);

// The signer to the one who reads the directory for it, and back.
struct Question {
  enum class About : std::uint8_t { login, certificate };
  std::string account;
  ByteVector host_key;  // or its certificate, as the host has shown it
  About about = About::login;
};
[[nodiscard]] ByteVector encode(const Question& question);
[[nodiscard]] Result<Question> parse_question(Bytes message);

enum class Standing : std::uint8_t {
  // An account of the directory, in a machine that has this host key on record, or a certificate for it from a CA that
  // the directory trusts for that machine. Of one that is asked about for a
  // certificate, what it is: an account that is both is a container's.
  known,
  known_backend,
  known_container,
  unknown_account,   // the bastion logs in nowhere by this name; or not with a certificate
  unknown_host_key,  // no machine with that account has this host key on record
  unreadable,        // the database cannot be read
};
[[nodiscard]] ByteVector encode(Standing standing);
[[nodiscard]] Result<Standing> parse_standing(Bytes message);

}  // namespace bastion::signer
