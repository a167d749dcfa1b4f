// The messages of keyboard-interactive (RFC 4256). What is read is a stranger's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::transport {

struct Prompt {
  enum class Echo : std::uint8_t { no, yes };
  std::string text;
  Echo echo = Echo::no;
};

// What somebody is asked at once.
struct Questions {
  std::string name{};         // of it all, above what follows
  std::string instruction{};  // what is to be read before
  std::vector<Prompt> prompts{};
};

// As many as there were prompts, in their order.
using Answers = std::vector<std::string>;

// Nobody types more than this; what is longer is no answer.
inline constexpr std::size_t kLongestAnswer = 1024;

// SSH_MSG_USERAUTH_INFO_REQUEST (section 3.2).
[[nodiscard]] ByteVector format_questions(const Questions& questions);
// The answers in a whole SSH_MSG_USERAUTH_INFO_RESPONSE (section 3.4), to so many prompts.
[[nodiscard]] Result<Answers> parse_answers(Bytes packet, std::size_t prompts);
// Whether the method's own fields of a request (section 3.1) are well made. What they say is advice, and not taken.
[[nodiscard]] bool is_interactive_request(Bytes fields);

}  // namespace bastion::transport
