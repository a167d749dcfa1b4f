#include "bastion/admin/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/admin/arguments.h"
#include "bastion/admin/audit_row.h"
#include "bastion/admin/explain.h"
#include "bastion/admin/help.h"
#include "bastion/base/nearest.h"
#include "bastion/base/printable.h"

namespace bastion::admin {
namespace {

using Words = std::vector<std::string>;

std::string line_of(const std::string& text) { return printable(text) + "\n"; }

Outcome refused(const Error& error) { return {Status::refused, {}, line_of(error.text)}; }

bool take(Words& words, std::string_view word) { return std::erase(words, word) > 0; }

std::string first_words(const Words& words, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < std::min(count, words.size()); ++i) text += (i == 0 ? "" : " ") + words[i];
  return text;
}

// The command that begins here; its words are taken away.
const Command* take_command(Words& words) {
  for (const auto& command : commands()) {
    const auto count = 1 + std::ranges::count(command.words, ' ');
    if (first_words(words, static_cast<std::size_t>(count)) == command.words) {
      words.erase(words.begin(), words.begin() + count);
      return &command;
    }
  }
  return nullptr;
}

Outcome no_such_command(const Words& words) {
  const auto of_group = words.empty() ? std::string{} : overview(words.front() + " ");
  if (words.size() < 2 && !of_group.empty())
    return {Status::usage, {}, fmt::format("which {} command? There is\n{}", words.front(), of_group)};
  if (words.empty()) return {Status::usage, {}, "which command? There is\n" + overview("")};
  std::vector<std::string_view> known;
  for (const auto& command : commands()) known.push_back(command.words);
  const auto said = first_words(words, 2);
  auto message = fmt::format("there is no command \"{}\"", said);
  if (const auto meant = nearest(said, known)) message += fmt::format("; did you mean \"{}\"?", *meant);
  return {Status::usage, {}, line_of(message) + "There is\n" + (of_group.empty() ? overview("") : of_group)};
}

Result<Answer> call(const Command& command, Context& context, const Arguments& arguments) {
  if (command.effect != Command::Effect::changes) return command.handler(context, arguments);
  std::optional<Answer> rehearsed;
  auto changed = context.database.change([&]() -> Result<Answer> {
    auto answer = command.handler(context, arguments);
    if (!answer) return answer;
    if (answer->is_rehearsal) {
      rehearsed = *std::move(answer);
      return fail("taken back");
    }
    const auto audited = write_audit(context, command.words, answer->subject);
    if (!audited) return std::unexpected(audited.error());
    return answer;
  });
  if (rehearsed) return *std::move(rehearsed);
  return changed;
}

}  // namespace

std::optional<Outcome> help_for(Words words) {
  const bool short_asked = take(words, "-h");
  if (!take(words, "--help") && !short_asked) return std::nullopt;
  if (const auto* const command = take_command(words)) return Outcome{Status::done, help_of(*command), {}};
  if (words.empty()) return Outcome{Status::done, overview(""), {}};
  if (auto group = overview(words.front() + " "); words.size() == 1 && !group.empty()) {
    return Outcome{Status::done, std::move(group), {}};
  }
  return no_such_command(words);
}

Command::Needs needs_of(Words words) {
  take(words, "--json");
  const auto* const command = take_command(words);
  return command == nullptr ? Command::Needs::nothing : command->needs;
}

std::optional<login::Rehearsal::Question> rehearsal_for(Words words) {
  take(words, "--json");
  const auto* const command = take_command(words);
  if (command == nullptr || command->needs != Command::Needs::rehearsal) return std::nullopt;
  const auto arguments = Arguments::parse(*command, words);
  return arguments ? question_in(*arguments) : std::nullopt;
}

bool is_watched(Words words) {
  if (take(words, "--json") || take(words, "--help") || take(words, "-h")) return false;
  const auto* const command = take_command(words);
  return command != nullptr && command->pace == Command::Pace::watched;
}

bool reads_input(Words words) {
  take(words, "--json");
  const auto* const command = take_command(words);
  if (command == nullptr) return false;
  const auto arguments = Arguments::parse(*command, words);
  return arguments && std::ranges::any_of(command->parameters, [&](const Parameter& parameter) {
           return parameter.is_key() && arguments->names(parameter.name, "-");
         });
}

Outcome run(Words words, Context& context) {
  if (auto help = help_for(words)) return *std::move(help);
  const bool json = take(words, "--json");
  const auto* const command = take_command(words);
  if (command == nullptr) return no_such_command(words);
  if (command->role == store::Role::admin && context.role != store::Role::admin) {
    return refused({fmt::format("{} is for administrators", command->words)});
  }
  auto arguments = Arguments::parse(*command, words);
  if (!arguments) {
    return {Status::usage, {}, line_of(arguments.error().text) + "usage: " + usage_of(*command) + "\n"};
  }
  if (const auto read = arguments->read_keys(*command, context); !read) return refused(read.error());
  if (const auto read = arguments->read_files(*command, context); !read) return refused(read.error());
  const auto answer = call(*command, context, *arguments);
  if (!answer) return refused(answer.error());
  return {answer->is_no ? Status::refused : Status::done, json ? as_json(*answer) : as_text(*answer, context.paper),
          answer->note.empty() ? std::string{} : line_of(answer->note), answer->ends};
}

}  // namespace bastion::admin
