// `bastion check`: whether `bastion serve` would find everything it needs.
#pragma once

#include <string>
#include <vector>

namespace bastion::config {
struct Config;
}

namespace bastion::setup {

struct Finding {
  bool good;
  std::string text;    // of a bad one: what is wrong, and where there is one, what would be right
  bool warns = false;  // it keeps nothing from working, and somebody should look at it
};

// Database and keys, each with its finding; changes nothing. That `config` could be read is the first good one.
[[nodiscard]] std::vector<Finding> check(const config::Config& config);

}  // namespace bastion::setup
