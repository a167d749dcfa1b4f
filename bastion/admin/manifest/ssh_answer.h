// What ssh itself makes of a configuration (base/ssh_question.h), or why it does not. It blocks.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/ssh_question.h"

namespace bastion::admin {

struct SshFailure {
  enum class Kind : std::uint8_t {
    no_answer,    // it could not be run, or not to its end
    out_of_time,  // there is no time left to ask anything
    own_jump,     // the host is its own jump
    refused,      // it does not take the configuration, or not this host in it
  };
  Kind kind = Kind::no_answer;
  std::string text = {};                     // for people; of `refused`, what is not about one line
  std::vector<std::string> complaints = {};  // as `line 3: Bad number`, by line of the configuration; of `refused` only
};
using SshAnswer = std::expected<std::string, SshFailure>;

// What it prints.
[[nodiscard]] SshAnswer ask_ssh(const SshQuestion& question, const RunSsh& run);

// Of what it says on standard error.
[[nodiscard]] SshFailure refusal_of_ssh(std::string_view errors);

}  // namespace bastion::admin
