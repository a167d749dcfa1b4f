// What is said over the socket of the hook runner, one message in each packet (SOCK_SEQPACKET), in the data types of
// RFC 4251 section 5. What a reader gets is taken for hostile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::hooks {

// serve to the hook runner, first: where the hooks are, what neither it nor they may read, and the one other program
// that it may be asked to run (base/key_command.h).
struct Start {
  std::string hooks;
  std::vector<std::string> not_even_read{};
  std::string key_command{};

  bool operator==(const Start&) const = default;
};
[[nodiscard]] ByteVector encode(const Start& start);
[[nodiscard]] Result<Start> parse_start(Bytes message);

// The hook runner's answer: what it could not give up, for the log; empty: nothing.
struct Started {
  std::string complaint{};

  bool operator==(const Started&) const = default;
};
[[nodiscard]] ByteVector encode(const Started& started);
[[nodiscard]] Result<Started> parse_started(Bytes message);

// serve to the hook runner; beside it goes the end of a pipe for the answer. A hook is to be run, or a program that
// prints keys.
enum class About : std::uint8_t { hook = 1, keys = 2 };
[[nodiscard]] Result<About> about(Bytes message);

struct Question {
  std::string hook;
  std::string backend;
  std::uint32_t within = 0;  // seconds

  bool operator==(const Question&) const = default;
};
[[nodiscard]] ByteVector encode(const Question& question);
[[nodiscard]] Result<Question> parse_question(Bytes message);

struct KeysQuestion {
  std::string user;
  std::string fingerprint{};
  std::string type{};
  std::string base64{};
  std::uint32_t within = 0;  // seconds

  bool operator==(const KeysQuestion&) const = default;
};
[[nodiscard]] ByteVector encode(const KeysQuestion& question);
[[nodiscard]] Result<KeysQuestion> parse_keys_question(Bytes message);

// Into that pipe, whole, and then its end.
struct Answer {
  bool started = false;
  std::string said{};  // by the hook; or why not

  bool operator==(const Answer&) const = default;
};
// Less than a pipe takes in one piece (PIPE_BUF); and of what prints keys, which goes in several.
inline constexpr std::size_t kLongestAnswer = 4000;
inline constexpr std::size_t kLongestAnswerWithKeys = std::size_t{64} * 1024 + 64;
[[nodiscard]] ByteVector encode(const Answer& answer, std::size_t longest = kLongestAnswer);
[[nodiscard]] Result<Answer> parse_answer(Bytes message);

}  // namespace bastion::hooks
