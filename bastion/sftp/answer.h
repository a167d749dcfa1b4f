// What a server answers, as far as it matters what became of a request. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/sftp/packet.h"

namespace bastion::sftp {

// It views the packet.
struct Answer {
  Type type = Type::version;
  std::uint32_t id = 0;       // of VERSION, the version
  std::uint32_t number = 0;   // STATUS: the code; DATA: how many bytes
  std::string_view handle{};  // HANDLE
};

// A handle may be this long (section 6.3).
inline constexpr std::size_t kLongestHandle = 256;

// As request_head() and parse_request().
[[nodiscard]] std::size_t answer_head(Bytes body);
[[nodiscard]] std::optional<Answer> parse_answer(Bytes body);

}  // namespace bastion::sftp
