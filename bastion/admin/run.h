// Runs one admin command, from its words to what is printed: the same on this machine and over SSH.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/command.h"

namespace bastion::admin {

enum class Status : std::uint8_t { done = 0, refused = 1, usage = 2 };

struct Outcome {
  Status status = Status::done;
  std::string out;  // whole lines for standard output
  std::string err;  // and for standard error
};

// What `--help` among the words asks for; nothing when it is not there. Needs no database.
[[nodiscard]] std::optional<Outcome> help_for(std::vector<std::string> words);

// `--json` may stand anywhere among the words; so may `--help`. When the status is not `done`, nothing was changed.
[[nodiscard]] Outcome run(std::vector<std::string> words, Context& context);

}  // namespace bastion::admin
