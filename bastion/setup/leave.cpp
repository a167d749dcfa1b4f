#include "bastion/setup/leave.h"

#include <fmt/format.h>

#include "bastion/config/config.h"
#include "bastion/fleet/directory.h"
#include "bastion/setup/joined.h"
#include "store/database.h"
#include "store/fleet/nodes.h"
#include "store/fleet/replica.h"
#include "store/restoration.h"

namespace bastion::setup {
namespace {

using store::fleet::Replica;

// First it has all, and then nobody waits for it any more: also where it was removed already.
Result<> take_leave(const config::Fleet& fleet, store::Database& database) {
  if (auto caught = fleet::replica_of(fleet)->catch_up(database); !caught) return caught;
  const auto removed = store::fleet::Nodes(fleet.database, kPatienceWithFleet).remove(fleet.node);
  return removed ? Result<>{} : std::unexpected(removed.error());
}

}  // namespace

Result<std::string> leave(const config::Config& config, Parting parting) {
  if (!config.fleet) return fail("the configuration names no fleet: [fleet] has to be in it until this is done");
  auto database = store::Database::open(config.database(), store::Database::Access::change);
  if (!database) return std::unexpected(std::move(database.error()));
  const auto joined = fleet::has_joined(*database);
  if (!joined) return std::unexpected(joined.error());
  if (!*joined) return fail("{}: this bastion has not joined a fleet", config.database().string());
  const auto told = take_leave(*config.fleet, *database);
  if (!told && parting == Parting::told) {
    return fail("{}; nothing was changed: `bastion leave --alone` leaves all the same, with what is here",
                told.error().text);
  }
  const auto position = Replica::position_of(*database);
  if (!position) return std::unexpected(position.error());
  const auto inventory = store::take_inventory(*database);
  if (!inventory) return std::unexpected(inventory.error());
  const auto left = database->change_here([&]() -> Result<> {
    if (auto gone = Replica::leave(*database); !gone) return gone;
    return note_membership(*database, config.fleet->node, "leave", told ? "told" : "alone");
  });
  if (!left) return std::unexpected(left.error());
  return fmt::format(
      "This bastion is one of its own now, with the directory as of change {}: {} users, {} backends, {} "
      "containers.\n{}"
      "Take [fleet] out of its configuration, then start it: `systemctl start bastion`.\n"
      "Host keys and identity are those of the fleet still: where they are not to be, change them.\n",
      position->number, inventory->users, inventory->backends, inventory->containers,
      told ? ""
           : fmt::format("The fleet was not told ({}): at another bastion, `fleet remove {}`.\n", told.error().text,
                         config.fleet->node));
}

}  // namespace bastion::setup
