#include "bastion/setup/init.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <utility>
#include <vector>

#include "bastion/admin/local_key.h"
#include "bastion/admin/manifest/new_key.h"
#include "bastion/base/clock.h"
#include "bastion/base/local_user.h"
#include "bastion/base/name.h"
#include "bastion/config/config.h"
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

}  // namespace

Result<std::string> init(const config::Config& config, const std::string& admin, const std::string& key) {
  // What was typed is looked at before anything is made.
  if (!is_name(admin)) return fail("\"{}\" cannot be a name: a name is {}", admin, kNameRule);
  const auto line = admin::read_local_key(key);
  if (!line) return std::unexpected(line.error());
  const auto parsed = transport::parse_public_key(*line);
  if (!parsed) return std::unexpected(parsed.error());

  std::error_code error;
  std::filesystem::create_directories(config.state_dir.parent_path(), error);
  if (auto made = make_private_folder(config.state_dir); !made) return std::unexpected(made.error());
  const bool was_there = std::filesystem::exists(config.database(), error);
  auto database = store::Database::open(config.database(), store::Database::Access::create);
  if (!database) return std::unexpected(database.error());
  const auto keys = make_key_files(config.state_dir);
  if (!keys) return std::unexpected(keys.error());
  const auto enrolled = enroll(*database, admin, admin::new_key(*parsed, unix_now()));
  if (!enrolled) return std::unexpected(enrolled.error());

  std::vector<Ensured> all{
      {fmt::format("{}: {}", config.database().string(), was_there ? "was there" : "made"), !was_there}};
  std::ranges::copy(*keys, std::back_inserter(all));
  all.push_back(*enrolled);
  std::string text;
  for (const auto& one : all) text += one.line + "\n";
  if (std::ranges::none_of(all, &Ensured::is_new)) text += "Everything was there already, and nothing was changed.\n";
  return text + next_steps(config, admin);
}

}  // namespace bastion::setup
