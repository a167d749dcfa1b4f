#include "bastion/admin/grammar/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "bastion/access/authorized_key.h"
#include "bastion/access/policy_options.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {
namespace {

using Presence = Parameter::Presence;

constexpr std::string_view kHostKey = "--host-key";

// The values are taken as they were typed (CLI::Option::results): the library would read `{}` as an empty list.
CLI::Option* declare(CLI::App& app, const Parameter& parameter) {
  const std::string name{parameter.name};
  if (parameter.is_flag()) return app.add_flag(name)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  // One value each time; whether there may be several of them is checked below, with a better sentence.
  return app.add_option(name)->expected(1)->allow_extra_args(false)->multi_option_policy(
      CLI::MultiOptionPolicy::TakeAll);
}

// What is wrong with the words, as far as the library can tell; otherwise their values are in `options`.
std::optional<Error> parse_words(CLI::App& app, const std::vector<std::string>& words) {
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    return std::nullopt;
  } catch (const CLI::ExtrasError&) {
    const auto rest = app.remaining();
    return Error{fmt::format("\"{}\" is not expected here", rest.empty() ? std::string{} : rest.front())};
  } catch (const CLI::ArgumentMismatch&) {
    return Error{fmt::format("a value is missing after {}", words.empty() ? std::string{} : words.back())};
  } catch (const CLI::Error& error) {
    return Error{error.what()};
  }
}

std::optional<std::string> what_is_wrong(const Parameter& parameter, const std::vector<std::string>& values) {
  if (values.empty() && parameter.presence == Presence::required) {
    return parameter.is_option() ? fmt::format("{} {} is missing", parameter.name, parameter.value)
                                 : fmt::format("{} is missing", parameter.name);
  }
  if (values.size() > 1 && parameter.presence != Presence::repeated) {
    return fmt::format("{} is given more than once", parameter.name);
  }
  if (parameter.check == nullptr) return std::nullopt;
  for (const auto& value : values) {
    if (auto wrong = parameter.check(value)) return wrong;
  }
  return std::nullopt;
}

// `--role, --options or --max-session`.
std::string choice_of(const Command& command, Presence presence) {
  std::vector<std::string> names;
  for (const auto& parameter : command.parameters) {
    if (parameter.presence != presence) continue;
    names.push_back(parameter.value.empty() ? std::string(parameter.name)
                                            : fmt::format("{} {}", parameter.name, parameter.value));
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "" : i + 1 < names.size() ? ", " : " or ") + names[i];
  }
  return text;
}

bool has(const Command& command, Presence presence) {
  return std::ranges::find(command.parameters, presence, &Parameter::presence) != command.parameters.end();
}

// It is one text.
bool wants_input_twice(const Command& command, const Arguments& arguments) {
  std::ptrdiff_t count = 0;
  for (const auto& parameter : command.parameters) {
    if (!parameter.is_key() && !parameter.is_secret() && !parameter.is_document()) continue;
    count += std::ranges::count(arguments.all(parameter.name), kStandardInput);
  }
  return count > 1;
}

std::optional<std::string> what_is_wrong(const Command& command, const Arguments& arguments) {
  const auto given = [&](Presence presence) {
    return std::ranges::count_if(command.parameters, [&](const Parameter& parameter) {
      return parameter.presence == presence && arguments.given(parameter.name);
    });
  };
  for (const auto choice : {Presence::one_of, Presence::one_of_these_too}) {
    if (!has(command, choice) || given(choice) == 1) continue;
    return fmt::format("give {}{}", choice_of(command, choice),
                       given(choice) == 0 ? "" : ", not more than one of them");
  }
  if (wants_input_twice(command, arguments)) return "- is given more than once, and standard input is one text";
  if (has(command, Presence::some_of) && given(Presence::some_of) == 0) {
    return fmt::format("give at least one: {}", choice_of(command, Presence::some_of));
  }
  return std::nullopt;
}

Result<GivenKey> given_key(std::string_view line) {
  const auto [options, key] = access::split_authorized_key(line);
  if (const auto parsed = access::parse_key_options(options); !parsed) {
    return fail("before the key: {}", parsed.error().text);
  }
  auto named = transport::parse_public_key(key);
  if (!named) return std::unexpected(std::move(named.error()));
  return GivenKey{.named = *std::move(named), .options = std::string(options)};
}

Result<std::vector<NamedText>> read_files(const Parameter& parameter, const Arguments& arguments,
                                          const Context& context) {
  if (!arguments.given(parameter.name)) return {};
  const auto& argument = arguments.text(parameter.name);
  if (argument != kStandardInput) {
    return parameter.name == "DIR" ? context.read_folder(argument) : context.read_file(argument);
  }
  auto text = context.read_input();
  if (!text) return std::unexpected(std::move(text.error()));
  return std::vector<NamedText>{{"standard input", *std::move(text)}};
}

}  // namespace

Result<Arguments> Arguments::parse(const Command& command, const std::vector<std::string>& words) {
  CLI::App app;
  app.set_help_flag();
  std::vector<const CLI::Option*> options;
  options.reserve(command.parameters.size());
  for (const auto& parameter : command.parameters) options.push_back(declare(app, parameter));
  if (auto wrong = parse_words(app, words)) return std::unexpected(*std::move(wrong));
  Arguments arguments;
  for (std::size_t i = 0; i < options.size(); ++i) {
    arguments.values_.emplace(command.parameters[i].name, options[i]->results());
  }
  for (const auto& parameter : command.parameters) {
    if (auto wrong = what_is_wrong(parameter, arguments.values_.find(parameter.name)->second)) {
      return std::unexpected(Error{*std::move(wrong)});
    }
  }
  if (auto wrong = what_is_wrong(command, arguments)) return std::unexpected(Error{*std::move(wrong)});
  return arguments;
}

Result<> Arguments::read_keys(const Command& command, const Context& context) {
  for (const auto& parameter : command.parameters) {
    if (!parameter.is_key()) continue;
    auto& parsed = keys_[std::string(parameter.name)];
    for (const auto& argument : values_.find(parameter.name)->second) {
      const auto line = argument == kStandardInput ? context.read_input() : context.read_key(argument);
      if (!line) return std::unexpected(line.error());
      auto key = given_key(*line);
      if (!key) return std::unexpected(key.error());
      if (parameter.name == kHostKey && !key->options.empty()) {
        return fail("options have no place before a host key: \"{}\"", key->options);
      }
      parsed.push_back(*std::move(key));
    }
  }
  return {};
}

Result<> Arguments::read_document(const Command& command, const Context& context) {
  for (const auto& parameter : command.parameters) {
    if (!parameter.is_document()) continue;
    const auto files = read_files(parameter, *this, context);
    if (!files) return std::unexpected(files.error());
    auto imported = parameter.reading(context, *this, *files);
    if (!imported) return std::unexpected(std::move(imported.error()));
    imported_ = *std::move(imported);
  }
  return {};
}

Result<> Arguments::read_password(const Command& command, const Context& context) {
  if (command.password == nullptr) return {};
  auto password = command.password(context, *this);
  if (!password) return std::unexpected(std::move(password.error()));
  password_ = *std::move(password);
  return {};
}

const std::string& Arguments::text(std::string_view name) const { return values_.find(name)->second.front(); }

std::optional<std::string> Arguments::optional(std::string_view name) const {
  return given(name) ? std::optional(text(name)) : std::nullopt;
}

bool Arguments::given(std::string_view name) const {
  const auto found = values_.find(name);
  return found != values_.end() && !found->second.empty();
}

const std::vector<GivenKey>& Arguments::keys(std::string_view name) const { return keys_.find(name)->second; }

}  // namespace bastion::admin
