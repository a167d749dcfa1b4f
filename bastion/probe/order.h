// What a backend is told to do with what it runs: a command of `bastion-instances` (packaging/backend), which the
// bastion itself has executed there (carry_out.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace bastion::probe {

struct Order {
  std::string backend;
  std::string words;  // whatever reads them there, they mean nothing to a shell
  std::chrono::seconds within{};
};

// How it has ended, whatever that was.
struct Ordered {
  std::uint32_t status = 0;
  std::string out;
  std::string complaint;  // the line of what it has said that tells most; not printable text
};

}  // namespace bastion::probe
