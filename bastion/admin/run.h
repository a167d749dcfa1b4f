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
  std::string out;                     // whole lines for standard output
  std::string err;                     // and for standard error
  std::vector<std::string> ends = {};  // sessions that are to end now
};

// What `--help` among the words asks for; nothing when it is not there. Needs no database.
[[nodiscard]] std::optional<Outcome> help_for(std::vector<std::string> words);

// What has to be asked of the bastion that serves before these words are run.
[[nodiscard]] Command::Needs needs_of(std::vector<std::string> words);
// The login that is to be tried first, where the words ask for that.
[[nodiscard]] std::optional<login::Rehearsal::Question> rehearsal_for(std::vector<std::string> words);
// Whether at a terminal they are run again and again.
[[nodiscard]] bool is_watched(std::vector<std::string> words);
// Whether a KEY among the words is `-`: its text must be there when the command runs. False for what is no command.
[[nodiscard]] bool reads_input(std::vector<std::string> words);

// `--json` may stand anywhere among the words; so may `--help`. When the status is not `done`, nothing was changed.
[[nodiscard]] Outcome run(std::vector<std::string> words, Context& context);

}  // namespace bastion::admin
