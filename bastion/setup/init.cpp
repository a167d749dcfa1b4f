#include "bastion/setup/init.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>
#include <vector>

#include "bastion/admin/local_key.h"
#include "bastion/admin/manifest/administrators.h"
#include "bastion/admin/manifest/new_key.h"
#include "bastion/base/clock.h"
#include "bastion/base/local_user.h"
#include "bastion/base/user_name.h"
#include "bastion/config/config.h"
#include "bastion/fleet/directory.h"
#include "bastion/setup/key_files.h"
#include "store/audit.h"
#include "store/database.h"
#include "store/keys.h"
#include "store/users.h"

namespace bastion::setup {
namespace {

Result<std::int64_t> ensure_admin(store::Database& database, const std::string& name) {
  store::Users users(database);
  const auto there = users.find(name);
  if (!there) return std::unexpected(there.error());
  if (!*there) return users.add(name, store::Role::admin, unix_now());
  if ((*there)->role != store::Role::admin) return fail("user {} is there already, and is no administrator", name);
  return (*there)->id;
}

// Nothing is recorded where nothing changes.
Result<Ensured> enroll(store::Database& database, const std::string& name, const store::Key& key) {
  return database.change([&]() -> Result<Ensured> {
    const auto id = ensure_admin(database, name);
    if (!id) return std::unexpected(id.error());
    store::Keys keys(database);
    const auto known = keys.of_user(*id);
    if (!known) return std::unexpected(known.error());
    for (const auto& one : *known) {
      if (one.blob == key.blob) return Ensured{fmt::format("administrator {}: was there, with this key", name), false};
    }
    if (auto added = keys.add(*id, key); !added) return std::unexpected(added.error());
    if (auto audited = store::Audit(database).add({.at = key.added_at,
                                                   .actor = "local",
                                                   .action = "init",
                                                   .subject = name,
                                                   .outcome = "done",
                                                   .from_host = describe_local_user(::getuid())});
        !audited) {
      return std::unexpected(audited.error());
    }
    return Ensured{fmt::format("administrator {}: added, with key {}", name, key.fingerprint)};
  });
}

// A newcomer has a bastion and nothing behind it; these are in the order in which it becomes of use.
std::string next_steps(const config::Config& config, const std::string& admin) {
  const auto ssh = fmt::format("ssh -p {} {}@THIS-HOST", config.listen.front().port, admin);
  return fmt::format(
      "\n1. Start it: `systemctl start bastion`, or `bastion serve`. `bastion check` says what is missing.\n"
      "2. From your machine: `{}`. There, `identity show` prints the line for authorized_keys on backends and in "
      "containers.\n"
      "3. Say what there is: `backend add`, `user add`, `container add`. `help` explains them, `explain USER` tries a "
      "login.\n",
      ssh);
}

// Whoever reads this may be root, and the state directory be for a service's account: `runuser` is what root then
// needs.
std::string as_whoever_runs_this() {
  constexpr uid_t kFirstOfPeople = 1000;
  const auto uid = ::geteuid();
  const auto name = uid == 0 || uid >= kFirstOfPeople ? std::string() : local_user_name(uid);
  return name.empty() ? name : fmt::format("runuser -u {} -- ", name);
}

std::string where_it_listens(const config::Config& config) {
  std::vector<std::string> addresses;
  std::ranges::transform(config.listen, std::back_inserter(addresses), &Endpoint::text);
  return fmt::format("It listens on {}.\n", fmt::join(addresses, ", "));
}

// Somebody who may log in and give commands.
std::string how_to_add_the_first_administrator(const config::Config& config) {
  return fmt::format(
      "Nobody can log in yet. The first administrator, here called \"you\":\n"
      "1. On your machine, show your public key:   cat ~/.ssh/id_ed25519.pub\n"
      "2. Here, with that line between the quotes: {}bastion init --admin you --key \"ssh-ed25519 AAAA...\"\n"
      "3. On your machine, log in:                 ssh -p {} you@THIS-HOST\n",
      as_whoever_runs_this(), config.listen.front().port);
}

struct State {
  store::Database database;
  std::vector<Ensured> parts;  // what it consists of
};

Result<State> make_state(const config::Config& config) {
  std::error_code error;
  std::filesystem::create_directories(config.state_dir.parent_path(), error);
  if (auto made = make_private_folder(config.state_dir); !made) return std::unexpected(made.error());
  const bool was_there = std::filesystem::exists(config.database(), error);
  auto database = store::Database::open(config.database(), store::Database::Access::create);
  if (!database) return std::unexpected(database.error());
  // What a fleet begins with is made before it begins.
  const auto joined = fleet::has_joined(*database);
  if (!joined) return std::unexpected(joined.error());
  if (*joined) {
    if (auto taken = fleet::take_part(*database, config.fleet); !taken) return std::unexpected(taken.error());
  }
  const auto keys = make_key_files(config.state_dir, agent_named(config.key_agent));
  if (!keys) return std::unexpected(keys.error());
  std::vector<Ensured> parts{
      {fmt::format("{}: {}", config.database().string(), was_there ? "was there" : "made"), !was_there}};
  std::ranges::copy(*keys, std::back_inserter(parts));
  return State{.database = *std::move(database), .parts = std::move(parts)};
}

std::string said_of(const std::vector<Ensured>& parts) {
  std::string text;
  for (const auto& one : parts) text += one.line + "\n";
  if (std::ranges::none_of(parts, &Ensured::is_new)) text += "Everything was there already, and nothing was changed.\n";
  return text;
}

}  // namespace

Result<std::string> init(const config::Config& config) {
  auto state = make_state(config);
  if (!state) return std::unexpected(state.error());
  const auto administration = admin::administration(state->database, unix_now());
  if (!administration) return std::unexpected(administration.error());
  auto text = said_of(state->parts) + "\n" + where_it_listens(config);
  if (*administration != admin::Administration::can_log_in) text += how_to_add_the_first_administrator(config);
  return text;
}

Result<std::string> init(const config::Config& config, const std::string& admin, const std::string& key) {
  // What was typed is looked at before anything is made.
  if (!is_user_name(admin)) return fail("\"{}\" cannot be a user: a name is {}", admin, kUserNameRule);
  const auto line = admin::read_local_key(key);
  if (!line) return std::unexpected(line.error());
  const auto parsed = transport::parse_public_key(*line);
  if (!parsed) return std::unexpected(parsed.error());

  auto state = make_state(config);
  if (!state) return std::unexpected(state.error());
  auto enrolled = enroll(state->database, admin, admin::new_key(*parsed, unix_now()));
  if (!enrolled) return std::unexpected(enrolled.error());
  state->parts.push_back(*std::move(enrolled));
  return said_of(state->parts) + next_steps(config, admin);
}

}  // namespace bastion::setup
