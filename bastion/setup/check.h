// `bastion check`: whether `bastion serve` would find everything it needs.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::config {
struct Config;
}

namespace bastion::setup {

struct Finding {
  bool good;
  std::string text;    // of a bad one: what is wrong, and where there is one, what would be right
  bool warns = false;  // it keeps nothing from working, and somebody should look at it
};

// The keys that an agent has, as it says itself, or why it does not answer.
using AskAgent = std::function<Result<std::vector<ByteVector>>(const std::filesystem::path& socket)>;

// Database and keys, each with its finding; changes nothing. That `config` could be read is the first good one.
// `ask_agent` is called where the private half of a key is to be in an agent.
[[nodiscard]] std::vector<Finding> check(const config::Config& config, const AskAgent& ask_agent = {});

}  // namespace bastion::setup
