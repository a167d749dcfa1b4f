// What is said over the socket of the launcher, one message in each packet (SOCK_SEQPACKET), in the data types of RFC
// 4251 section 5. What a reader gets is taken for hostile. Texts of any length go beside a message, as a file in memory
// (memory_file.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "bastion/base/ssh_question.h"

namespace bastion::launcher {

// serve to the launcher, first: what neither it nor what it starts may read.
struct Start {
  std::vector<std::string> folders{};

  bool operator==(const Start&) const = default;
};
[[nodiscard]] ByteVector encode(const Start& start);
[[nodiscard]] Result<Start> parse_start(Bytes message);

// The launcher's answer: what it could not give up, for the log.
struct Started {
  std::vector<std::string> complaints{};

  bool operator==(const Started&) const = default;
};
[[nodiscard]] ByteVector encode(const Started& started);
[[nodiscard]] Result<Started> parse_started(Bytes message);

// serve to the launcher; beside it goes the configuration. `id` comes back with the answer.
struct Question {
  std::uint32_t id = 0;
  SshQuestion ssh;  // without its configuration

  bool operator==(const Question&) const = default;
};
[[nodiscard]] ByteVector encode(const Question& question);
[[nodiscard]] Result<Question> parse_question(Bytes message);

// What came of it; beside it goes what was printed, on standard output and then on standard error.
struct Ended {
  std::optional<std::uint8_t> status{};  // nothing: a signal ended it
  std::uint32_t out_size = 0;
  std::uint32_t err_size = 0;

  bool operator==(const Ended&) const = default;
};
struct Answer {
  std::uint32_t id = 0;
  Result<Ended> ended;  // the error: it was not run, or not to its end
};
[[nodiscard]] ByteVector encode(const Answer& answer);
[[nodiscard]] Result<Answer> parse_answer(Bytes message);

}  // namespace bastion::launcher
