// argv -> configuration -> one of eight verbs, or what a shell could complete one with.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/admin/audit_forwarding.h"
#include "bastion/admin/commands/run.h"
#include "bastion/admin/local_command.h"
#include "bastion/admin/shell_completion.h"
#include "bastion/base/contained.h"
#include "bastion/base/standard_descriptors.h"
#include "bastion/base/standard_output.h"
#include "bastion/config/file.h"
#include "bastion/hooks/hook_process.h"
#include "bastion/hooks/hook_runner.h"
#include "bastion/launcher/launcher.h"
#include "bastion/launcher/launcher_process.h"
#include "bastion/oidc/issuer.h"
#include "bastion/oidc/issuer_process.h"
#include "bastion/server/generation_process.h"
#include "bastion/server/instance_lock.h"
#include "bastion/server/serve.h"
#include "bastion/setup/check.h"
#include "bastion/setup/init.h"
#include "bastion/setup/join.h"
#include "bastion/setup/leave.h"
#include "bastion/setup/rotation.h"
#include "bastion/signer/key_agent.h"
#include "bastion/signer/signer.h"
#include "bastion/transport/library.h"

namespace {

using namespace bastion;

constexpr int kRefused = 1;
constexpr int kUsage = 2;

int refuse(const Error& error) {
  write_err(fmt::format("bastion: {}\n", error.text));
  return kRefused;
}

int run_init(const config::Config& config, const std::optional<std::string>& admin, const std::string& key) {
  const auto said = admin ? setup::init(config, *admin, key) : setup::init(config);
  if (!said) return refuse(said.error());
  const auto written = write_out(*said);
  return written ? 0 : refuse(written.error());
}

int run_rotation(const config::Config& config, bool is_of_ca, bool is_to_finish, setup::Need need) {
  const auto of_identity = [&] {
    return is_to_finish ? setup::finish_rotation(config, need) : setup::rotate_identity(config);
  };
  const auto of_ca = [&] { return is_to_finish ? setup::finish_ca_rotation(config, need) : setup::rotate_ca(config); };
  const auto said = is_of_ca ? of_ca() : of_identity();
  if (!said) return refuse(said.error());
  const auto written = write_out(*said);
  return written ? 0 : refuse(written.error());
}

Result<std::string> read_join_key() {
  write_err("The join key, on a line:\n");
  std::string line;
  std::getline(std::cin, line);
  return line;
}

// A bastion that serves has read the configuration before, and would change the directory without the fleet, or with
// it.
int run_stopped(const config::Config& config, std::string_view verb,
                const std::function<Result<std::string>()>& change) {
  std::error_code error;
  const bool is_there = std::filesystem::exists(config.state_dir, error);
  auto lock = is_there ? std::optional(server::lock_instance(config::StateDir(config.state_dir))) : std::nullopt;
  if (lock && !*lock) return refuse({fmt::format("{}, while `bastion {}` works", lock->error().text, verb)});
  const auto said = change();
  if (!said) return refuse(said.error());
  const auto written = write_out(*said);
  return written ? 0 : refuse(written.error());
}

int run_check(const config::Config& config) {
  int status = 0;
  for (const auto& finding : setup::check(config, signer::keys_in_agent)) {
    if (!finding.good) status = kRefused;
    const auto line = fmt::format("{} {}\n", finding.warns ? "warning" : finding.good ? "ok " : "bad", finding.text);
    if (!finding.good) {
      write_err(line);
    } else if (const auto written = write_out(line); !written) {
      return refuse(written.error());
    }
  }
  return status;
}

// The words that this program knows, as they stand in its help.
int run_complete(const CLI::App& app, const std::string& before_cursor) {
  std::vector<admin::Verb> verbs;
  for (const auto* sub : app.get_subcommands([](const CLI::App* each) { return !each->get_group().empty(); })) {
    admin::Verb verb{.name = sub->get_name(), .options = {}};
    for (const auto* option : sub->get_options()) verb.options.push_back("--" + option->get_lnames().front());
    verbs.push_back(std::move(verb));
  }
  const auto written = write_out(admin::shell_candidates(before_cursor, verbs, std::getenv(config::kFileVariable)));
  return written ? 0 : refuse(written.error());
}

struct CommandLine {
  std::optional<std::filesystem::path> config;
  std::optional<std::string> admin;
  std::string key;
  std::string before_cursor;
  bool json_log = false;
  std::string called;  // by which name this program was started
  bool is_of_ca = false;
  bool is_to_finish = false;
  bool yes = false;
  setup::JoinTerms join;
  bool alone = false;
  admin::AuditForwarding forwarding;
};

void add_join(CLI::App& join, setup::JoinTerms& terms) {
  auto* const new_key = join.add_flag_callback(
      "--new-key", [&terms] { terms.keys = setup::Keys::sealed_anew; },
      "on a bastion that has already joined: seal its keys with a new join key");
  auto* const merge =
      join.add_flag("--merge", terms.merge.is_wanted, "bring the directory of this bastion into the fleet");
  merge->excludes(new_key);
  join.add_flag("--dry-run", terms.merge.is_dry_run, "only show what would be brought along, and change nothing")
      ->needs(merge);
  join.add_option("--rename", terms.merge.renames,
                  "give an entry of this bastion another name in the fleet, as in user:alice=alice-two")
      ->type_name("KIND:NAME=NEW")
      ->needs(merge);
  join.add_option("--keep", terms.merge.keeps,
                  "which of two differing entries to keep: fleet, mine or, for the keys of a user, both")
      ->type_name("SIDE KIND:NAME")
      ->needs(merge);
}

int run_verb(const std::string& verb, const CommandLine& line, std::vector<std::string> words) {
  if (const auto help = admin::help_for(words, store::Role::admin, admin::format_here())) return admin::print(*help);
  auto source = config::source(line.config, std::getenv(config::kFileVariable));
  source.json_log = line.json_log;
  if (verb == server::kGenerationVerb) {
    const transport::Library library;
    return server::serve_generation(source);
  }
  const auto config = config::load(source);
  if (!config) return refuse(config.error());
  const transport::Library library;
  if (verb == "init") return run_init(*config, line.admin, line.key);
  if (verb == "check") return run_check(*config);
  if (verb == "join") {
    return run_stopped(*config, verb, [&] { return setup::join(*config, line.join, read_join_key); });
  }
  if (verb == "leave") {
    const auto parting = line.alone ? setup::Parting::alone : setup::Parting::told;
    return run_stopped(*config, verb, [&] { return setup::leave(*config, parting); });
  }
  if (verb == "identity") {
    return run_rotation(*config, line.is_of_ca, line.is_to_finish,
                        line.yes ? setup::Need::is_no_matter : setup::Need::matters);
  }
  if (verb == "audit") return admin::forward_audit(*config, line.forwarding);
  if (verb == "admin") return admin::run_here(*config, std::move(words));
  return server::serve(*config, source, line.called);
}

}  // namespace

int main(int argc, char** argv) {
  if (!occupy_standard_descriptors()) return kRefused;
  CLI::App app("An SSH bastion that puts people into their containers.", "bastion");
  app.set_version_flag("--version", "bastion " BASTION_VERSION);
  app.require_subcommand(1);
  CommandLine line;
  if (argc > 0) line.called = argv[0];
  const auto verb = [&](const char* name, const char* help) {
    auto* const added = app.add_subcommand(name, help);
    added->add_option("--config", line.config, "the configuration file")->type_name("FILE");
    return added;
  };
  auto* const serve = verb("serve", "run the bastion in the foreground");
  const auto json_log = [&](CLI::App* added) {
    added->add_flag("--json-log", line.json_log, "log JSON lines, whatever the configuration says");
  };
  json_log(serve);
  auto* const init = verb("init", "create the database, the host keys and the identity; safe to repeat");
  auto* const name = init->add_option("--admin", line.admin, "the name of the first administrator")->type_name("NAME");
  auto* const key =
      init->add_option("--key", line.key, "their public key: a file, - for standard input, or the key itself");
  key->type_name("KEY")->needs(name);
  name->needs(key);
  verb("check", "check the configuration, the database and the keys");
  add_join(*verb("join",
                 "join this bastion to a fleet; the first bastion creates it, and each further one reads the join key"),
           line.join);
  verb("leave", "leave the fleet, and keep its directory and keys")
      ->add_flag("--alone", line.alone, "leave even if the fleet's database cannot be reached");
  auto* const identity = verb("identity", "change the key with which the bastion logs in: bastion identity rotate");
  auto* const rotate = identity->require_subcommand(1)->add_subcommand("rotate", "create a new key beside the old one");
  rotate->fallthrough();
  rotate->add_flag("--ca", line.is_of_ca, "rotate the key of the CA, which signs certificates, instead");
  auto* const finish = rotate->add_flag("--finish", line.is_to_finish,
                                        "remove the old key, once every backend and container accepts the new one");
  rotate->add_flag("--yes", line.yes, "remove it even if it may still be needed")->needs(finish);
  auto* const audit = verb("audit", "pass the audit to a program: bastion audit forward");
  auto* const forward = audit->require_subcommand(1)->add_subcommand(
      "forward", "run a program repeatedly with rows of the audit on its standard input; exit status 0 confirms them");
  forward->fallthrough();
  forward->add_option("--cursor", line.forwarding.cursor, "the file that records which rows the program has confirmed")
      ->type_name("FILE")
      ->required();
  forward->add_flag("--once", line.forwarding.once, "pass the rows that there are, and exit");
  forward->add_option("PROGRAM", line.forwarding.program, "after --: the program and its arguments")->required();
  auto* const admin = verb("admin", "manage users, keys, backends and containers: bastion admin --help");
  admin->set_help_flag();
  admin->prefix_command();
  json_log(verb(server::kGenerationVerb, "for `serve`")->group(""));   // hidden
  auto* const completion = app.add_subcommand("complete")->group("");  // for shells; hidden
  completion->add_option("LINE", line.before_cursor)->required();
  if (argc == 2 && argv[1] == std::string_view(signer::kVerb)) {
    const auto status = contained("the signer", []() -> Result<int> { return server::serve_signatures(); });
    return status ? *status : refuse(status.error());
  }
  if (argc == 2 && argv[1] == std::string_view(launcher::kVerb)) {
    const auto status = contained("the launcher", []() -> Result<int> { return launcher::run(); });
    return status ? *status : refuse(status.error());
  }
  if (argc == 2 && argv[1] == std::string_view(hooks::kVerb)) {
    const auto status = contained("the hook runner", []() -> Result<int> { return hooks::run(); });
    return status ? *status : refuse(status.error());
  }
  if (argc == 2 && argv[1] == std::string_view(oidc::kVerb)) {
    const auto status = contained("the process that talks to the issuer", []() -> Result<int> { return oidc::run(); });
    return status ? *status : refuse(status.error());
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Error& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
  const auto status = contained("bastion", [&]() -> Result<int> {
    if (completion->parsed()) return run_complete(app, line.before_cursor);
    return run_verb(app.get_subcommands().front()->get_name(), line, admin->remaining());
  });
  return status ? *status : refuse(status.error());
}
