// The body of a request that gives a command: {"words":["session","list"],"confirmed":true,"me":false}. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::window {

struct RunRequest {
  std::vector<std::string> words;
  bool is_confirmed = false;  // whoever sits there has been asked
  bool is_own = false;        // it is about themselves
};
inline constexpr std::size_t kMostWords = 256;

// The error is a sentence. What it does not know is an error too.
[[nodiscard]] Result<RunRequest> parse_run_request(std::string_view body);

}  // namespace bastion::window
