// What a command is: a row of the table in commands.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/answer.h"
#include "bastion/base/result.h"
#include "bastion/transport/keys.h"
#include "store/database.h"
#include "store/users.h"

namespace bastion::admin {

class Arguments;

// Who runs a command, when, and on what. Handlers know nothing else of the world.
struct Context {
  store::Database& database;
  std::string actor;  // for the audit: a user, or `local`
  store::Role role = store::Role::user;
  std::int64_t now = 0;  // Unix seconds
  // The text behind a KEY argument: who is on another machine must not be able to name files of this one.
  std::function<Result<std::string>(std::string_view)> read_key;
  // What the bastion logs in with.
  std::function<Result<transport::PublicKey>()> identity;
};

// A word or an option of a command.
struct Parameter {
  enum class Presence : std::uint8_t { required, optional, repeated, flag };
  // Says what is wrong with a value and what would be right.
  using Check = std::optional<std::string> (*)(std::string_view);

  std::string_view name;  // `NAME`, or `--role`
  std::string_view
      value;  // of an option: `ROLE`; of a word, how it is shown, where that is not its name: `HOST[:PORT]`
  Presence presence;
  std::string_view help;
  Check check = nullptr;

  [[nodiscard]] bool is_option() const { return name.starts_with("--"); }
  // A KEY is read and parsed before the command runs: reading may take as long as somebody types.
  [[nodiscard]] bool is_key() const { return name == "KEY" || value == "KEY"; }
};

struct Command {
  // A change is one transaction with its row in the audit.
  enum class Effect : std::uint8_t { reads, changes };
  using Handler = Result<Answer> (*)(Context&, const Arguments&);

  std::string_view words;  // `user add`
  std::vector<Parameter> parameters;
  std::string_view help;  // one sentence
  Effect effect;
  store::Role role;  // who may run it
  Handler handler;
};

// All commands, in the order in which help lists them.
[[nodiscard]] const std::vector<Command>& commands();

}  // namespace bastion::admin
