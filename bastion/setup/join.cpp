#include "bastion/setup/join.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "bastion/config/config.h"
#include "bastion/fleet/directory.h"
#include "bastion/fleet/sealed_keys.h"
#include "bastion/setup/joined.h"
#include "bastion/setup/key_files.h"
#include "bastion/setup/merge.h"
#include "bastion/setup/new_state.h"
#include "bastion/setup/previous_state.h"
#include "store/database.h"
#include "store/fleet/common_keys.h"
#include "store/fleet/nodes.h"
#include "store/fleet/replica.h"
#include "store/restoration.h"

namespace bastion::setup {
namespace {

namespace fs = std::filesystem;

using store::fleet::CommonKeys;
using store::fleet::Replica;

// What there is on this machine.
enum class Here : std::uint8_t { nothing, only_keys, directory, copy };

Result<Here> look(const config::StateDir& state) {
  std::error_code error;
  if (fs::exists(state.database(), error)) {
    auto database = store::Database::open(state.database(), store::Database::Access::change);
    if (!database) return std::unexpected(std::move(database.error()));
    const auto joined = fleet::has_joined(*database);
    if (!joined) return std::unexpected(joined.error());
    if (*joined) return Here::copy;
    const auto inventory = store::take_inventory(*database);
    if (!inventory) return std::unexpected(inventory.error());
    return inventory->users + inventory->backends > 0 ? Here::directory : Here::only_keys;
  }
  const bool has_keys = fs::exists(state.host_key_folder(), error) || fs::exists(state.identity_folder(), error);
  return has_keys ? Here::only_keys : Here::nothing;
}

Result<> note(store::Database& database, const config::Config& config, std::string_view what) {
  return database.change_here([&] { return note_membership(database, config.fleet->node, "join", what); });
}

struct Sealed {
  ByteVector bytes;
  std::string said;  // how to go on, with the join key
};

Result<Sealed> seal_keys(const config::Config& config) {
  if (auto made = make_missing_ca(config.state_dir); !made) return std::unexpected(made.error());
  if (auto made = make_missing_sealing_key(config.state_dir); !made) return std::unexpected(made.error());
  const auto files = read_key_files(config::StateDir(config.state_dir));
  if (!files) return std::unexpected(files.error());
  const auto key = fleet::JoinKey::make();
  if (!key) return std::unexpected(key.error());
  auto sealed = fleet::seal(*files, *key);
  if (!sealed) return std::unexpected(sealed.error());
  auto said = fmt::format(
      "{}Host keys and identity are in the fleet's database, sealed with the join key below, which is kept nowhere: "
      "who "
      "has both can be this bastion.\n"
      "1. Start this bastion: `systemctl start bastion`.\n"
      "2. On each further machine: [fleet] in its configuration, with a node of its own, then `bastion join`, which "
      "reads the join key from its standard input.\n"
      "{}\n",
      about_missing_keys(*files), key->text());
  return Sealed{.bytes = *std::move(sealed), .said = std::move(said)};
}

Result<std::string> join_first(const config::Config& config, CommonKeys& table) {
  auto database = store::Database::open(config.database(), store::Database::Access::change);
  if (!database) return std::unexpected(std::move(database.error()));
  const auto inventory = store::take_inventory(*database);
  if (!inventory) return std::unexpected(inventory.error());
  const auto keys = seal_keys(config);
  if (!keys) return std::unexpected(keys.error());
  const auto replica = fleet::replica_of(*config.fleet);
  if (auto found = replica->found(*database); !found) return std::unexpected(found.error());
  if (auto written = table.write(keys->bytes); !written) return std::unexpected(written.error());
  if (auto noted = note(*database, config, "first"); !noted) return std::unexpected(noted.error());
  return fmt::format(
      "{} is the first bastion of the fleet, which has its directory: {} users, {} backends, {} "
      "containers.\n{}",
      config.fleet->node, inventory->users, inventory->backends, inventory->containers, keys->said);
}

// The log is asked, so that another one than this copy has followed is found out here.
Result<std::string> join_again(const config::Config& config, Keys keys, CommonKeys& table, store::fleet::Nodes& nodes) {
  auto database = store::Database::open(config.database(), store::Database::Access::change);
  if (!database) return std::unexpected(std::move(database.error()));
  const auto replica = fleet::replica_of(*config.fleet);
  if (auto caught = replica->catch_up(*database); !caught) return std::unexpected(caught.error());
  const auto there = table.read();
  if (!there) return std::unexpected(there.error());
  const auto position = Replica::position_of(*database);
  if (!position) return std::unexpected(position.error());
  const auto readmitted = readmit(nodes, config.fleet->node);
  if (!readmitted) return std::unexpected(readmitted.error());
  if (!readmitted->empty()) {
    if (auto noted = note(*database, config, "again"); !noted) return std::unexpected(noted.error());
  }
  const auto is_one =
      *readmitted + fmt::format("This bastion is one of the fleet already, as {}, and has it up to change {}.\n",
                                config.fleet->node, position->number);
  if (*there && keys == Keys::as_they_are) {
    return is_one + "Its join key was printed once; `bastion join --new-key` makes another one.\n";
  }
  const auto sealed = seal_keys(config);
  if (!sealed) return std::unexpected(sealed.error());
  if (auto written = table.write(sealed->bytes); !written) return std::unexpected(written.error());
  if (auto noted = note(*database, config, "new join key"); !noted) return std::unexpected(noted.error());
  return is_one + sealed->said;
}

Result<std::string> join_further(const config::Config& config, CommonKeys& table, store::fleet::Nodes& nodes,
                                 const ReadJoinKey& read_key) {
  if (auto is_free = check_name_is_free(nodes, config.fleet->node); !is_free) return std::unexpected(is_free.error());
  const auto files = open_common_keys(table, read_key());
  if (!files) return std::unexpected(files.error());
  auto made = NewState::begin(config.state_dir);
  if (!made) return std::unexpected(made.error());
  const auto inventory = (*made)->fill(*files, [&](store::Database& database) -> Result<> {
    if (auto caught = fleet::replica_of(*config.fleet)->catch_up(database); !caught) return caught;
    return note(database, config, "further");
  });
  if (!inventory) return std::unexpected(inventory.error());
  if (auto kept = (*made)->keep(); !kept) return std::unexpected(kept.error());
  // Only now, when all else is done: until then it may do no more than before.
  const auto readmitted = readmit(nodes, config.fleet->node);
  if (!readmitted) return std::unexpected(readmitted.error());
  return fmt::format(
      "{}{} is one of the fleet now, and has its directory: {} users, {} backends, {} containers.\n{}"
      "Start it: `systemctl start bastion`, or `bastion serve`.\n",
      *readmitted, config.fleet->node, inventory->users, inventory->backends, inventory->containers,
      about_missing_keys(*files));
}

}  // namespace

Result<std::string> join(const config::Config& config, const JoinTerms& terms, const ReadJoinKey& read_key) {
  if (!config.fleet)
    return fail("the configuration names no fleet: it has to have [fleet], with `database` and `node`");
  const config::StateDir state(config.state_dir);
  store::fleet::ChangeLog log(config.fleet->database);
  CommonKeys table(config.fleet->database);
  if (auto made = log.prepare(); !made) return std::unexpected(made.error());
  if (auto made = table.prepare(); !made) return std::unexpected(made.error());
  store::fleet::Nodes nodes(config.fleet->database, kPatienceWithFleet);
  const auto has_begun = table.has_begun();
  if (!has_begun) return std::unexpected(has_begun.error());
  if (auto cleared = NewState::clear_unfinished(state); !cleared) return std::unexpected(cleared.error());
  const auto here = look(state);
  if (!here) return std::unexpected(here.error());
  const bool is_copy = *here == Here::copy;
  using Joined = PreviousState::Joined;
  if (auto settled = PreviousState(state).settle(is_copy ? Joined::yes : Joined::no); !settled) {
    return std::unexpected(settled.error());
  }
  if (is_copy) return join_again(config, terms.keys, table, nodes);
  if (terms.keys == Keys::sealed_anew) return fail("this bastion has not joined the fleet: without --new-key it does");
  if (*here == Here::directory && terms.merge.is_wanted && *has_begun) {
    return merge(config, terms.merge, table, nodes, read_key);
  }
  if (terms.merge.is_wanted && !*has_begun) {
    return fail("the fleet has no directory yet: `bastion join` without --merge makes this bastion's the fleet's");
  }
  if (*here == Here::directory && !*has_begun) return join_first(config, table);
  if (*here == Here::directory) {
    return fail(
        "{}: this machine has a directory of its own, and the fleet has one: `bastion join --merge` makes one "
        "of both, and says first what is in the way",
        state.database().string());
  }
  if (!*has_begun) {
    return fail(
        "the fleet has no directory yet, and there is none here to begin it with: run this on the bastion whose "
        "users and keys are to be everybody's, or `bastion init --admin NAME --key KEY` first");
  }
  if (*here == Here::only_keys) {
    return fail(
        "{}: this machine has keys of its own, and nobody in its directory: move them away, and the fleet's "
        "keys come in their place",
        state.root().string());
  }
  return join_further(config, table, nodes, read_key);
}

}  // namespace bastion::setup
