#include "bastion/fleet/directory.h"

#include <memory>
#include <utility>

#include "store/fleet/change_log.h"
#include "store/fleet/conninfo.h"
#include "store/fleet/replica.h"

namespace bastion::fleet {

using store::fleet::Replica;

Directory directory_of(const config::Config& config) { return {.file = config.database(), .fleet = config.fleet}; }

std::optional<store::fleet::Place> place_of(const Directory& directory) {
  if (!directory.fleet) return std::nullopt;
  return store::fleet::Place{.database = directory.fleet->database, .node = directory.fleet->node};
}

std::unique_ptr<Replica> replica_of(const config::Fleet& fleet) {
  return std::make_unique<Replica>(store::fleet::ChangeLog(fleet.database), fleet.node);
}

Result<bool> has_joined(store::Database& database) {
  const auto position = Replica::position_of(database);
  if (!position) return std::unexpected(position.error());
  return position->number > 0;
}

Result<> take_part(store::Database& database, const std::optional<config::Fleet>& fleet) {
  const auto joined = has_joined(database);
  if (!joined) return std::unexpected(joined.error());
  if (!fleet && !*joined) return {};
  if (!fleet) {
    return fail(
        "{}: this is the copy of a fleet's directory, and the configuration names no fleet: set [fleet] again, "
        "and `bastion leave` makes it this bastion's own",
        database.file().string());
  }
  if (!*joined) {
    return fail("{}: the configuration names a fleet, and this bastion has not joined it: run `bastion join`",
                database.file().string());
  }
  database.replicate_by(replica_of(*fleet));
  return {};
}

Result<> fits_key_agent(const config::Config& config) {
  if (!config.fleet || config.key_agent.empty()) return {};
  const auto by_socket = store::fleet::names_a_unix_socket(config.fleet->database);
  if (!by_socket) return std::unexpected(by_socket.error());
  if (!*by_socket) return {};
  return fail("with key_agent, [fleet] has to name the host of its database: a unix socket cannot be reached then");
}

Result<std::vector<std::filesystem::path>> files_of(const std::optional<config::Fleet>& fleet) {
  if (!fleet) return std::vector<std::filesystem::path>{};
  return store::fleet::files_of(fleet->database);
}

Result<std::unique_ptr<store::fleet::Follower>> follow(const Directory& directory, std::function<void()> on_applied) {
  if (!directory.fleet) return nullptr;
  auto database = store::Database::open(directory.file, store::Database::Access::change);
  if (!database) return std::unexpected(std::move(database.error()));
  auto follower =
      std::make_unique<store::fleet::Follower>(*std::move(database), store::fleet::ChangeLog(directory.fleet->database),
                                               directory.fleet->node, std::move(on_applied));
  if (auto started = follower->start(); !started) return std::unexpected(std::move(started.error()));
  return follower;
}

Result<store::Database> open(const Directory& directory, store::Database::Access access) {
  auto database = store::Database::open(directory.file, access);
  if (!database || access == store::Database::Access::read) return database;
  if (auto taken = take_part(*database, directory.fleet); !taken) return std::unexpected(std::move(taken.error()));
  return database;
}

}  // namespace bastion::fleet
