#include "bastion/admin/commands/run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "bastion/admin/commands/audit_row.h"
#include "bastion/admin/commands/commands.h"
#include "bastion/admin/commands/help.h"
#include "bastion/admin/commands/restraint.h"
#include "bastion/admin/commands/topics.h"
#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/grammar/fold.h"
#include "bastion/admin/grammar/own.h"
#include "bastion/admin/grammar/right.h"
#include "bastion/admin/grammar/runtime.h"
#include "bastion/admin/manifest/administrators.h"
#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/nearest.h"
#include "bastion/base/printable.h"
#include "store/audit.h"

namespace bastion::admin {
namespace {

using Words = std::vector<std::string>;

// For other writers; a change of an administrator takes some milliseconds.
constexpr std::chrono::milliseconds kPatienceOfReaders{500};

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

// `user help` means `help user`.
bool asks_behind(const Words& words) {
  if (words.size() != 2 || words.back() != "help") return false;
  auto rest = words;
  return take_command(rest) == nullptr && !overview(words.front() + " ", store::Role::admin).empty();
}

// What may have been meant: of a group that there is, one of its own.
std::optional<std::string_view> meant_by(const Words& words, const std::string& said, bool is_group) {
  const auto group = is_group ? words.front() + " " : "";
  std::vector<std::string_view> known;
  for (const auto& command : commands()) {
    if (is_own(command) != (words.front() == kOwnGroup) || !command.words.starts_with(group)) continue;
    known.push_back(words.size() == 1 ? command.words.substr(0, command.words.find(' ')) : command.words);
  }
  return nearest(said, known);
}

Outcome no_such_command(const Words& words, store::Role role) {
  const auto of_group = words.empty() ? std::string{} : overview(words.front() + " ", role);
  if (words.size() < 2 && !of_group.empty())
    return {Status::usage, {}, fmt::format("which {} command? There is\n{}", words.front(), of_group)};
  if (words.empty()) return {Status::usage, {}, "which command? There is\n" + contents(role)};
  const bool about_oneself = words.front() == kOwnGroup;
  const auto said = first_words(words, about_oneself ? 3 : 2);
  auto message = fmt::format("there is no command \"{}\"", said);
  if (const auto meant = meant_by(words, said, !of_group.empty()))
    message += fmt::format("; did you mean \"{}\"?", *meant);
  const auto more = of_group.empty() ? std::string("help") : "help " + words.front();
  return {Status::usage, {}, line_of(message) + line_of(fmt::format("\"{}\" lists what there is", more))};
}

// Everything among the words that has a text behind it, which is read before the command runs.
std::vector<std::pair<const Parameter*, std::string>> texts_in(Words words) {
  take(words, "--json");
  const auto* const command = take_command(words);
  if (command == nullptr) return {};
  const auto arguments = Arguments::parse(*command, words);
  if (!arguments) return {};
  std::vector<std::pair<const Parameter*, std::string>> texts;
  for (const auto& parameter : command->parameters) {
    if (!parameter.is_key() && !parameter.is_secret() && !parameter.is_document()) continue;
    for (const auto& argument : arguments->all(parameter.name)) texts.emplace_back(&parameter, argument);
  }
  return texts;
}

// What the command line names, for the audit: its words, or, where it has none, the values of its options.
std::string subject_of(const Command& command, const Arguments& arguments) {
  std::string words;
  std::string values;
  for (const auto& parameter : command.parameters) {
    if (parameter.is_key() || parameter.is_secret() || parameter.is_flag() || !arguments.given(parameter.name))
      continue;
    auto& subject = parameter.is_option() ? values : words;
    const bool is_input = parameter.is_document() && arguments.text(parameter.name) == kStandardInput;
    subject += (subject.empty() ? "" : " ") + (is_input ? "standard input" : arguments.text(parameter.name));
  }
  return words.empty() ? values : words;
}

// What is no change, or none any more, is written down when it is over. It has happened even if that fails, and what
// only reads waits for nobody who writes.
void note_in_audit(const Command& command, Context& context, const Arguments& arguments, std::string_view outcome) {
  if (context.again) return;
  if (is_own(command) && command.effect == Command::Effect::reads && outcome == kDone) return;  // they know it anyway
  const auto row = audit_row(context, command.words, subject_of(command, arguments), outcome);
  const bool reads = command.effect == Command::Effect::reads;
  if (reads && context.write_down) return context.write_down(row);
  const auto write = [&] { return store::Audit(context.database).add(row); };
  const auto written =
      reads ? context.database.change_here_within(kPatienceOfReaders, write) : context.database.change_here(write);
  if (!written) log::error("a command is missing in the audit: {} ({})", command.words, written.error().text);
}

// The role is the one that whoever gives it has by now.
Result<store::Role> must_be_permitted(const Command& command, const Arguments& arguments, const Context& context) {
  if (auto may = must_have_right(command, arguments, context.role); !may) return std::unexpected(may.error());
  if (auto open = must_be_open(command, context); !open) return std::unexpected(open.error());
  const auto role = context.present_role();
  if (!role) return role;
  if (auto may = must_have_right(command, arguments, *role); !may) return std::unexpected(may.error());
  return role;
}

// What somebody with a role does about themselves is theirs to do.
Result<Restraint> restraint_for(const Command& command, const Context& context, store::Role role) {
  if (is_own(command)) {
    const auto self = context.self();
    if (!self) return std::unexpected(self.error());
    if (self->role != store::Role::user) role = store::Role::admin;
  }
  return Restraint::begin(context.database, role);
}

// The audit names the sessions that a change ends, but for those that are its subject.
std::string subject_of(const Answer& answer) {
  const auto sessions = fmt::format("{}", fmt::join(answer.effects.ends, ", "));
  if (sessions.empty() || sessions == answer.subject) return answer.subject;
  return fmt::format("{}; sessions ended: {}", answer.subject, sessions);
}

// Who has not said that a change counts there too. What the runtime tells the others it tells them with the change; of
// one that only takes away what sessions stand on they know by themselves, as soon as they have it.
std::string missing_elsewhere(const Answer& answer, const Context& context) {
  const bool is_told = context.runtime != nullptr && !answer.effects.are_none();
  if (is_told) return context.runtime->take_effect(answer.effects);
  const auto entry = context.database.taken_away_at();
  return entry && context.wait_for_others ? context.wait_for_others(*entry) : std::string{};
}

// Once the change is written, and from the thread that wrote it: it happens whether or not anybody waits for the
// answer.
void take_effect(Answer& answer, const Context& context) {
  const auto missing = missing_elsewhere(answer, context);
  if (missing.empty()) return;
  if (!answer.note.empty()) answer.note += "; ";
  answer.note += missing;
}

Result<Answer> change(const Command& command, Context& context, const Arguments& arguments) {
  std::optional<Answer> dry_run;
  auto changed = context.database.change([&]() -> Result<Answer> {
    const auto role = must_be_permitted(command, arguments, context);
    if (!role) return std::unexpected(role.error());
    const auto restraint = restraint_for(command, context, *role);
    if (!restraint) return std::unexpected(restraint.error());
    const auto before = administration(context.database, context.now);
    if (!before) return std::unexpected(before.error());
    auto answer = command.handler(context, arguments);
    if (!answer) return answer;
    if (auto fine = restraint->check(context, *answer); !fine) return std::unexpected(fine.error());
    if (auto kept = keep_administration(context.database, context.now, *before); !kept) {
      return std::unexpected(kept.error());
    }
    if (answer->is_dry_run) {
      dry_run = *std::move(answer);
      return fail("taken back");
    }
    const auto audited = write_audit(context, command.words, subject_of(*answer));
    if (!audited) return std::unexpected(audited.error());
    return answer;
  });
  if (changed) take_effect(*changed, context);
  if (!dry_run) return changed;
  note_in_audit(command, context, arguments, kTried);
  return *std::move(dry_run);
}

// The numbers only grow: another one is that of what it has changed.
Result<Answer> run_by_itself(const Command& command, Context& context, const Arguments& arguments) {
  const auto before = context.database.taken_away_at();
  auto answer = command.handler(context, arguments);
  const bool takes = context.database.taken_away_at() != before;
  if (answer && (takes || !answer->effects.are_none())) take_effect(*answer, context);
  return answer;
}

// That nobody serves is one thing. Where somebody does and has not been asked, a command that needs them would tell of
// sessions and backends what is not so.
Result<> asked_first(const Command& command, const Context& context, const Arguments& arguments) {
  if (context.runtime == nullptr || command.query == nullptr) return {};
  if (context.snapshot.answer(command.query(arguments))) return {};
  return fail("the running bastion could not be asked, and nothing was done; try again");
}

// Everything up to here was about words; a command that gets no further has been refused.
Result<Answer> carry_out(const Command& command, Context& context, Arguments& arguments) {
  if (const auto may = must_be_permitted(command, arguments, context); !may) return std::unexpected(may.error());
  if (const auto asked = asked_first(command, context, arguments); !asked) return std::unexpected(asked.error());
  if (const auto read = arguments.read_keys(command, context); !read) return std::unexpected(read.error());
  if (const auto read = arguments.read_document(command, context); !read) return std::unexpected(read.error());
  if (const auto read = arguments.read_password(command, context); !read) return std::unexpected(read.error());
  if (command.effect == Command::Effect::changes) return change(command, context, arguments);
  if (command.effect == Command::Effect::by_itself || command.effect == Command::Effect::errand)
    return run_by_itself(command, context, arguments);
  auto answer = context.database.view([&] { return command.handler(context, arguments); });
  if (answer) note_in_audit(command, context, arguments, kDone);
  return answer;
}

// An answer that was not looked for is a refusal like any other, and is in the audit too.
Result<Answer> carry_out_contained(const Command& command, Context& context, Arguments& arguments) {
  return contained(command.words, [&] { return carry_out(command, context, arguments); });
}

Outcome run_words(Words words, Context& context) {
  const bool json = take(words, "--json");
  context.is_for_programs = json;
  const auto* const command = take_command(words);
  if (command == nullptr) return no_such_command(words, context.role);
  auto arguments = Arguments::parse(*command, words);
  if (!arguments) {
    return {Status::usage, {}, line_of(arguments.error().text) + "usage: " + usage_of(*command, context.role) + "\n"};
  }
  const auto answer = carry_out_contained(*command, context, *arguments);
  if (!answer) {
    auto outcome = refused(answer.error());
    outcome.question = printable(std::move(context.question));
    if (outcome.question.empty() || !context.can_be_asked) note_in_audit(*command, context, *arguments, kRefused);
    return outcome;
  }
  return {.status = answer->is_no ? Status::refused : Status::done,
          .out = json ? as_json(*answer) : as_text(*answer, context.format),
          .err = answer->note.empty() ? std::string{} : line_of(answer->note),
          .next = answer->next,
          .overview = answer->overview,
          .streaming = answer->streaming};
}

}  // namespace

std::optional<Outcome> help_for(Words words, store::Role role, const OutputFormat& format) {
  const bool short_asked = take(words, "-h");
  if (asks_behind(words)) std::swap(words.front(), words.back());
  const bool word_asked = !words.empty() && (words.front() == "help" || words.front() == "?");
  if (word_asked) words.erase(words.begin());
  if (!take(words, "--help") && !short_asked && !word_asked) return std::nullopt;
  const auto help = [&](std::string_view text) { return Outcome{Status::done, folded(text, format.columns), {}}; };
  if (words == Words{"all"}) return help(overview("", role));
  if (words.empty() && role == store::Role::user) return help(explained("", role));
  if (words.empty()) return help(contents(role));
  const auto group = explained(fmt::format("{} ", fmt::join(words, " ")), role);
  if (const auto* const command = take_command(words))
    return help(help_of(*command, role) + (group.empty() ? "" : "\n" + group));
  if (!group.empty()) return help(group);
  return no_such_command(words, role);
}

RuntimeQuery query_for(Words words) {
  take(words, "--json");
  const auto* const command = take_command(words);
  if (command == nullptr || command->query == nullptr) return {};
  const auto arguments = Arguments::parse(*command, words);
  return arguments ? command->query(*arguments) : RuntimeQuery{};
}

bool is_watched(Words words) {
  if (take(words, "--json") || take(words, "--help") || take(words, "-h")) return false;
  const auto* const command = take_command(words);
  return command != nullptr && command->pace == Command::Pace::watched;
}

bool is_screen(Words words) {
  if (take(words, "--json") || take(words, "--help") || take(words, "-h")) return false;
  const auto* const command = take_command(words);
  return command != nullptr && command->pace == Command::Pace::screen && words.empty();
}

bool is_followed(Words words) {
  if (take(words, "--help") || take(words, "-h")) return false;
  const auto* const command = take_command(words);
  return command != nullptr && command->pace == Command::Pace::followed && take(words, "--follow");
}

bool is_streamed(Words words) {
  if (take(words, "--json") || take(words, "--help") || take(words, "-h")) return false;
  const auto* const command = take_command(words);
  return command != nullptr && command->pace == Command::Pace::streamed;
}

bool only_reads(Words words) {
  if (take(words, "--help") || take(words, "-h")) return true;
  take(words, "--json");
  const auto* const command = take_command(words);
  return command == nullptr || command->effect == Command::Effect::reads;
}

bool is_errand(Words words) {
  if (take(words, "--help") || take(words, "-h")) return false;
  take(words, "--json");
  const auto* const command = take_command(words);
  return command != nullptr && command->effect == Command::Effect::errand;
}

bool may_change(Words words) {
  if (only_reads(words)) return false;
  take(words, "--json");
  const auto* const command = take_command(words);
  const auto arguments = Arguments::parse(*command, words);
  return !arguments || !arguments->given("--dry-run");
}

Result<> permitted(Words words, store::Role role) {
  take(words, "--json");
  const auto* const command = take_command(words);
  if (command == nullptr) return {};
  const auto arguments = Arguments::parse(*command, words);
  return arguments ? must_have_right(*command, *arguments, role) : Result<>{};
}

Words keys_in(Words words) {
  Words keys;
  for (auto& [parameter, argument] : texts_in(std::move(words))) {
    if (parameter->is_key()) keys.push_back(std::move(argument));
  }
  return keys;
}

std::optional<StandardInput::Kind> reads_input(Words words) {
  for (const auto& [parameter, argument] : texts_in(std::move(words))) {
    if (argument != kStandardInput) continue;
    return parameter->is_document() ? StandardInput::Kind::document : StandardInput::Kind::key;
  }
  return std::nullopt;
}

std::vector<std::string> asked_at_terminal(Words words) {
  if (take(words, "--help") || take(words, "-h")) return {};
  take(words, "--json");
  const auto* const command = take_command(words);
  if (command == nullptr || command->asks.empty() || !words.empty()) return {};
  return {command->asks.begin(), command->asks.end()};
}

Outcome run(Words words, Context& context) {
  auto outcome = contained("a command", [&]() -> Result<Outcome> {
    if (auto help = help_for(words, context.role, context.format)) {
      const bool is_on_own = std::ranges::find(words, kOwnGroup) != words.end() && words.size() == 2;
      if (is_on_own && context.self) help->out += folded(switched_off(context.me), context.format.columns);
      return *std::move(help);
    }
    auto done = run_words(std::move(words), context);
    done.err = folded(done.err, context.format.columns);
    return done;
  });
  return outcome ? *std::move(outcome) : refused(outcome.error());
}

}  // namespace bastion::admin
