// What is said over the sockets of the process that talks to the issuer, one message in each packet (SOCK_SEQPACKET),
// in the data types of RFC 4251 section 5. What a reader gets is taken for hostile.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "bastion/oidc/sign_on.h"

namespace bastion::oidc {

// serve to that process, first: what to ask, and which folders it is not to read from then on.
struct Start {
  Provider provider;          // without the client's secret
  std::string secret_file{};  // which is in there; empty: it has none
  std::string ca_file{};
  std::vector<std::string> not_even_read{};

  bool operator==(const Start&) const = default;
};
[[nodiscard]] ByteVector encode(const Start& start);
[[nodiscard]] Result<Start> parse_start(Bytes message);

// Its answer: why it does not serve; or what it could not give up, for the log.
struct Started {
  std::string error{};
  std::string complaint{};

  bool operator==(const Started&) const = default;
};
[[nodiscard]] ByteVector encode(const Started& started);
[[nodiscard]] Result<Started> parse_started(Bytes message);

// serve to that process: one sign-on is to begin. Beside it goes the end of a socket, over which the rest is said: what
// is shown; this byte again, when the user says that they have done it; and how it ended.
inline constexpr std::uint8_t kBegin = 1;

struct Failure {
  std::string why;

  bool operator==(const Failure&) const = default;
};
using Progress = std::variant<Shown, SignedOn, Failure>;

inline constexpr std::size_t kLongestProgress = std::size_t{160} * 1024;
[[nodiscard]] ByteVector encode(const Progress& progress);
[[nodiscard]] Result<Progress> parse_progress(Bytes message);

}  // namespace bastion::oidc
