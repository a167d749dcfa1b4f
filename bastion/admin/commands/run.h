// Runs one admin command, from its words to what is printed: the same on this machine and over SSH.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/grammar/command.h"

namespace bastion::admin {

enum class Status : std::uint8_t { done = 0, refused = 1, usage = 2 };

struct Outcome {
  Status status = Status::done;
  std::string out;                                         // whole lines for standard output
  std::string err;                                         // and for standard error
  std::string question = {};                               // refused, but with `--yes` it would be done: ask this
  std::optional<FollowedAudit> next = std::nullopt;        // as Answer::next
  std::shared_ptr<const Activities> activities = nullptr;  // what it was told happens, for the next one
  std::shared_ptr<const Overview> overview = nullptr;      // as Answer::overview
  std::optional<Streaming> streaming = std::nullopt;       // as Answer::streaming
};

// What `--help` among the words asks for, as it is for somebody with this role; nothing when it is not there. Needs no
// database.
[[nodiscard]] std::optional<Outcome> help_for(std::vector<std::string> words, store::Role role,
                                              const OutputFormat& format = {});

// What has to be asked of the bastion that serves before these words are run. Nothing for what is no command.
[[nodiscard]] RuntimeQuery query_for(std::vector<std::string> words);
// Whether at a terminal they are run again and again.
[[nodiscard]] bool is_watched(std::vector<std::string> words);
// Whether at a terminal they are a screen of its own (top_screen.h).
[[nodiscard]] bool is_screen(std::vector<std::string> words);
// Whether they are run again and again wherever they are printed, each time for what is new.
[[nodiscard]] bool is_followed(std::vector<std::string> words);
// Whether they come part by part, wherever they are printed.
[[nodiscard]] bool is_streamed(std::vector<std::string> words);
// Whether they change nothing, and so wait for nobody who does. So it is with what is no command.
[[nodiscard]] bool only_reads(std::vector<std::string> words);
// Whether they wait for other machines, for minutes.
[[nodiscard]] bool is_errand(std::vector<std::string> words);
// Whether something may be another one when they have run: not where they only show what they would do.
[[nodiscard]] bool may_change(std::vector<std::string> words);
// Whether somebody with this role may give these words, as the table has it; the error is the sentence for them. Words
// that are no command anybody may give: they are told so.
[[nodiscard]] Result<> permitted(std::vector<std::string> words, store::Role role);
// Every KEY among the words, as it was given. Empty for what is no command.
[[nodiscard]] std::vector<std::string> keys_in(std::vector<std::string> words);
// What whoever gives these words at a terminal is asked for first (Command::asks): the answers are lines of the input
// of the same words with a - behind them. Empty: nothing.
[[nodiscard]] std::vector<std::string> asked_at_terminal(std::vector<std::string> words);
// As what standard input is read, where a KEY, a FILE or a DIR among the words is `-`: it must be there when the
// command runs. Nothing for what is no command.
[[nodiscard]] std::optional<StandardInput::Kind> reads_input(std::vector<std::string> words);

// `--json` may stand anywhere among the words; so may `--help`. When the status is not `done`, nothing was changed.
// What it does to running sessions has been asked of the Runtime when this returns. Whatever is a command, with
// everything that belongs to it, leaves one row in the audit, with the sessions it ends: refusals do too. Nothing is
// thrown: what a command does not expect is a refusal, with its detail in the log.
[[nodiscard]] Outcome run(std::vector<std::string> words, Context& context);

}  // namespace bastion::admin
