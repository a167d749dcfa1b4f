// What a command is: a row of the table in commands.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/access/identity.h"
#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/grammar/new_password.h"
#include "bastion/admin/grammar/runtime_query.h"
#include "bastion/admin/grammar/standard_input.h"
#include "bastion/admin/manifest/named_text.h"
#include "bastion/base/public_identity.h"
#include "bastion/base/public_key.h"
#include "bastion/base/result.h"
#include "bastion/base/sealing_key.h"
#include "bastion/base/ssh_question.h"
#include "store/backends.h"
#include "store/database.h"
#include "store/fleet/place.h"
#include "store/users.h"

namespace bastion::store {
struct AuditEntry;
}

namespace bastion::admin {

class Arguments;
class Runtime;
struct Imported;

// By what a backend is chosen for something that is made.
enum class PlaceBy : std::uint8_t { containers, memory };

// Who runs a command, when, and on what. Handlers know nothing else of the world.
struct Context {
  store::Database& database;
  std::string actor;  // for the audit: a user, or `local`
  // What the user came with; empty for `local`.
  std::string key_fingerprint = {};
  std::string from_host = {};
  store::Role role = store::Role::user;
  // The role that whoever came with `role` has by now: somebody else may be changing that right now. Null: the same.
  std::function<Result<store::Role>()> role_by_now = nullptr;
  [[nodiscard]] Result<store::Role> present_role() const {
    return role_by_now ? role_by_now() : Result<store::Role>(role);
  }
  // Who gives the command, as they are admitted by now: as role_by_now, for what they do about themselves. Null: nobody
  // who has logged in.
  std::function<Result<access::Identity>()> self = nullptr;
  std::string session = {};  // in which they give it
  std::string me = {};       // what users may do themselves: names with commas between them (own.h)
  std::int64_t now = 0;      // Unix seconds
  // The text behind `-`, whatever it stands for.
  std::function<Result<std::string>()> read_input = no_input_here;
  // The text behind a KEY argument: who is on another machine must not be able to name files of this one.
  std::function<Result<std::string>(std::string_view)> read_key;
  // What is behind a FILE argument (one text) and a DIR argument; the same holds for them.
  using ReadTexts = std::function<Result<std::vector<NamedText>>(std::string_view)>;
  ReadTexts read_file = no_files_here;
  ReadTexts read_folder = no_files_here;
  // A place on this machine that a command is to write or read itself; not for who is on another one either.
  std::function<Result<std::filesystem::path>(std::string_view)> path = no_paths_here;
  // A program that is started for it.
  RunSsh run_ssh = bastion::run_ssh;
  // Takes the row in the audit of a command that only reads, and neither waits nor fails. Without it the row is written
  // by the command, which does not wait long for that.
  std::function<void(store::AuditEntry)> write_down = nullptr;
  // What the bastion logs in with.
  std::function<Result<PublicIdentity>()> identity;
  // What secrets of users are sealed with.
  std::function<Result<SealingKey>()> sealing_key = no_sealing_key_here;
  // The bastion that serves, for what the command does to running sessions; nullptr where none does.
  Runtime* runtime = nullptr;
  // The fleet that this bastion is one of.
  std::optional<store::fleet::Place> fleet = std::nullopt;
  // Waits until the other bastions of the fleet have an entry of its log, some seconds at most: who has not, and what
  // that means, as a sentence, or nothing. Null where there is no fleet.
  std::function<std::string(std::int64_t entry)> wait_for_others = nullptr;
  // What it has said to the command's query.
  RuntimeSnapshot snapshot = {};
  PlaceBy place_by = PlaceBy::containers;
  // `authorized_keys_command`: who knows keys that the directory has not; empty: nobody.
  std::string key_command = {};
  // Where recordings are on this machine.
  std::filesystem::path recordings = {};
  // Says to whoever waits for the answer what happens meanwhile, a line without its end; null where nobody would read
  // it.
  std::function<void(std::string line)> progress = nullptr;
  // What the answer is written on.
  OutputFormat format = {};
  bool is_for_programs = false;  // it is asked for as JSON
  // Of a command that goes on and on: what it has said up to there (Answer::next) is not said again.
  std::optional<FollowedAudit> after = std::nullopt;
  // Of a command that is shown part by part: what it has begun.
  std::optional<Streaming> streaming = std::nullopt;
  // It is run again for somebody who looks on, which is written down once only.
  bool again = false;
  // Whether whoever gave the command can be asked for a yes: the refusal is no refusal yet.
  bool can_be_asked = false;
  // Set by a command that wants a yes: what to ask for it (confirmation.h).
  std::string question = {};

  [[nodiscard]] static Result<std::string> no_input_here() { return fail("there is no standard input"); }
  [[nodiscard]] static Result<std::vector<NamedText>> no_files_here(std::string_view name) {
    return fail("{}: files of your machine cannot be read from here; give - and what stands in it on standard input",
                name);
  }
  [[nodiscard]] static Result<SealingKey> no_sealing_key_here() {
    return fail("this bastion has no key to seal secrets with");
  }
  [[nodiscard]] static Result<std::filesystem::path> no_paths_here(std::string_view name) {
    return fail("{}: a backup is a file on the machine of the bastion, made and used there by `bastion admin`", name);
  }
};

// A word or an option of a command.
struct Parameter {
  // Of those of a row that are `one_of`, exactly one is given, and so it is with `one_of_these_too`; of those that are
  // `some_of`, at least one.
  enum class Presence : std::uint8_t { required, optional, repeated, one_of, one_of_these_too, some_of };
  // Says what is wrong with a value and what would be right.
  using Check = std::optional<std::string> (*)(std::string_view);
  // Understands what stands in a FILE, or in the files of a DIR; there are none where the argument was left out. A
  // large one takes its time: nobody waits for it.
  using Reading = Result<Imported> (*)(const Context&, const Arguments&, const std::vector<NamedText>& files);

  std::string_view name;  // `NAME`, or `--role`
  // Of an option: `ROLE`; an option without one is a flag. Of a word, how it is shown, where that is not its name:
  // `HOST[:PORT]`.
  std::string_view value;
  Presence presence;
  std::string_view help;
  Check check = nullptr;
  Reading reading = nullptr;
  store::Role role = store::Role::user;  // who may give it, where that is more than the command says

  [[nodiscard]] bool is_option() const { return name.starts_with("--"); }
  [[nodiscard]] bool is_flag() const { return is_option() && value.empty(); }
  // A KEY is read and parsed before the command runs: reading may take as long as somebody types.
  [[nodiscard]] bool is_key() const { return name == "KEY" || value == "KEY"; }
  // What stands in no audit; a password is read from standard input, behind -.
  [[nodiscard]] bool is_secret() const { return name == "PASSWORD" || name == "--password" || value == "CODE"; }
  // So is a document, for which the database would be locked otherwise.
  [[nodiscard]] bool is_document() const { return reading != nullptr; }
};

struct Command {
  // A change is one transaction with its row in the audit. What cannot be done in one, or not inside of one, looks
  // after transactions and audit itself (audit_row.h).
  // An `errand` is like that, and waits for other machines, for minutes.
  enum class Effect : std::uint8_t { reads, changes, by_itself, errand };
  // `watched`: at a terminal it is run again and again, until somebody has seen enough. `followed`: with --follow it
  // goes on with what is new, wherever it is printed. `screen`: at a terminal it is one of its own (top_screen.h).
  // `streamed`: it comes part by part, and ends.
  enum class Pace : std::uint8_t { once, watched, followed, screen, streamed };
  using Handler = Result<Answer> (*)(Context&, const Arguments&);
  using Querying = RuntimeQuery (*)(const Arguments&);
  // The password that the command gives, with its hash, which takes its time: the database is not locked meanwhile.
  using Hashing = Result<std::optional<NewPassword>> (*)(const Context&, const Arguments&);

  std::string_view words;  // `user add`
  std::vector<Parameter> parameters;
  std::string_view help;  // one sentence
  Effect effect;
  store::Role role;  // the least that may give it: every one above it may too. There is no other place that says so
  Handler handler;
  Querying query = nullptr;  // null: it needs nothing of the bastion that serves
  Pace pace = Pace::once;
  std::string_view noun = {};  // of what users do about themselves: what has to be open for it (own.h)
  Hashing password = nullptr;
  // What whoever gives it at a terminal is asked for, where it does not stand behind -: it is not shown as it is typed,
  // and the command has the answers as lines of its standard input.
  std::span<const std::string_view> asks = {};
};

}  // namespace bastion::admin
