#include "bastion/admin/commands/help.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "bastion/admin/commands/commands.h"
#include "bastion/admin/grammar/own.h"
#include "bastion/admin/grammar/right.h"
#include "bastion/base/roff.h"

namespace bastion::admin {
namespace {

using Presence = Parameter::Presence;
using Rows = std::vector<std::vector<std::string>>;

constexpr std::string_view kJson = "--json";
constexpr std::string_view kJsonHelp = "print one JSON document";
constexpr auto kAll = store::Role::admin;

// `NAME`, `--role ROLE`, `--direct`.
std::string spelled(const Parameter& parameter) {
  if (!parameter.is_option()) return std::string(parameter.value.empty() ? parameter.name : parameter.value);
  if (parameter.is_flag()) return std::string(parameter.name);
  return fmt::format("{} {}", parameter.name, parameter.value);
}

std::string in_usage(const Parameter& parameter) {
  switch (parameter.presence) {
    case Presence::required:
    case Presence::one_of:
    case Presence::one_of_these_too: return spelled(parameter);
    case Presence::optional:
    case Presence::some_of: return fmt::format("[{}]", spelled(parameter));
    case Presence::repeated: break;
  }
  return fmt::format("[{}]…", spelled(parameter));
}

std::string help_of_parameter(const Parameter& parameter) {
  if (parameter.role == store::Role::user) return std::string(parameter.help);
  return fmt::format("{} (for {})", parameter.help, who_may(parameter.role));
}

std::string help_and_right(const Command& command) {
  return fmt::format("{} For {}.", command.help, who_may(command.role));
}

// Which choice it is one of.
std::optional<Presence> choice_in(const Parameter& parameter) {
  const bool is_one = parameter.presence == Presence::one_of || parameter.presence == Presence::one_of_these_too;
  return is_one ? std::optional(parameter.presence) : std::nullopt;
}

std::vector<const Parameter*> parameters_for(const Command& command, store::Role role) {
  std::vector<const Parameter*> theirs;
  for (const auto& parameter : command.parameters) {
    if (parameter.role <= role) theirs.push_back(&parameter);
  }
  return theirs;
}

// `line_of` each command whose words begin so and that is theirs.
template <typename LineOf>
std::string listed(std::string_view words, store::Role role, LineOf line_of) {
  std::string text;
  std::optional<store::Role> others;
  for (const auto& command : commands()) {
    if (!command.words.starts_with(words)) continue;
    if (command.role <= role) text += line_of(command);
    if (command.role > role) others = std::min(others.value_or(command.role), command.role);
  }
  if (!text.empty() || !others) return text;
  return fmt::format("  none that you may give: they are for {}\n", who_may(*others));
}

// Without its full stop, and without what explains it.
std::string_view first_sentence(std::string_view text) {
  const auto end = std::min({text.find(". "), text.find(": "), text.size() - (text.ends_with('.') ? 1 : 0)});
  return text.substr(0, end);
}

}  // namespace

std::string usage_of(const Command& command, store::Role role) {
  std::string usage{command.words};
  const auto parameters = parameters_for(command, role);
  for (auto next = parameters.begin(); next != parameters.end();) {
    const auto choice = choice_in(**next);
    const auto is_other = [&](const Parameter* one) { return choice_in(*one) != choice; };
    const auto end = choice ? std::find_if(next, parameters.end(), is_other) : next + 1;
    const bool is_choice = end - next > 1;
    usage += is_choice ? " (" : " ";
    usage += in_usage(**next);
    while (++next != end) usage += " | " + in_usage(**next);
    if (is_choice) usage += ")";
  }
  return usage;
}

std::string overview(std::string_view words, store::Role role) {
  return listed(words, role, [&](const Command& command) { return fmt::format("  {}\n", usage_of(command, role)); });
}

std::string explained(std::string_view words, store::Role role) {
  return listed(words, role, [&](const Command& command) {
    return fmt::format("  {}\n      {}\n", usage_of(command, role), first_sentence(command.help));
  });
}

std::string switched_off(std::string_view open) {
  std::vector<std::string_view> closed;
  for (const auto& command : commands()) {
    if (is_own(command) && !command.noun.empty() && !is_open(open, command.noun)) closed.push_back(command.words);
  }
  if (closed.empty()) return {};
  return fmt::format("Switched off by the administrator: {}\n", fmt::join(closed, ", "));
}

std::string help_of(const Command& command, store::Role role) {
  Rows rows;
  for (const auto* parameter : parameters_for(command, role)) {
    rows.push_back({"  " + spelled(*parameter), help_of_parameter(*parameter)});
  }
  rows.push_back({"  " + std::string(kJson), std::string(kJsonHelp)});
  return fmt::format("{}\n\n{}\n\n{}", usage_of(command, role), help_and_right(command), aligned(rows));
}

std::string reference() {
  std::string text;
  for (const auto& command : commands()) {
    text += fmt::format("### {}\n\n    {}\n\n{}\n\n", command.words, usage_of(command, kAll), help_and_right(command));
    for (const auto& parameter : command.parameters) {
      text += fmt::format("- `{}`: {}\n", spelled(parameter), help_of_parameter(parameter));
    }
    if (!command.parameters.empty()) text += "\n";
  }
  return text;
}

std::string manual() {
  std::string text;
  for (const auto& command : commands()) {
    text += fmt::format(".SS {}\n", roff(command.words));
    text += roff_paragraph(fmt::format("`{}`{}", command.words, usage_of(command, kAll).substr(command.words.size())));
    text += fmt::format(".PP\n{}", roff_paragraph(help_and_right(command)));
    for (const auto& parameter : command.parameters) {
      const auto rest = spelled(parameter).substr(parameter.is_option() ? parameter.name.size() : 0);
      const auto tag = parameter.is_option() ? fmt::format("`{}`{}", parameter.name, rest) : rest;
      text += fmt::format(".TP\n{}\n{}", roff(tag), roff_paragraph(help_of_parameter(parameter)));
    }
  }
  return text;
}

}  // namespace bastion::admin
