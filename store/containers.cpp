#include "store/containers.h"

#include <fmt/format.h>

#include <algorithm>

#include "bastion/base/endpoint.h"
#include "store/groups.h"

namespace bastion::store {
namespace {

constexpr std::string_view kOwnFirst = "ORDER BY c.owner <> ?1, owner_name, c.name";
constexpr std::string_view kIsOnlyOne = "(SELECT count(*) FROM containers own WHERE own.owner = c.owner) = 1";

// What read_container() reads, of a container c on a backend b.
std::string columns(std::string_view owner_name = "o.name", std::string_view is_only_one = kIsOnlyOne,
                    std::string_view shared_until = "NULL", std::string_view group = "NULL",
                    std::string_view is_served = "1") {
  return fmt::format(
      "c.id, c.name, c.owner, {} AS owner_name, c.backend, b.name, c.address, c.port, c.login, c.is_default,"
      " c.created_at, c.is_default OR {}, {}, c.legacy, c.identity, c.reach, {}, {}",
      owner_name, is_only_one, shared_until, group, is_served);
}

std::string select_containers(std::string_view which) {
  return fmt::format(
      "SELECT {} FROM containers c JOIN users o ON o.id = c.owner JOIN backends b ON b.id = c.backend {}", columns(),
      which);
}

// What stands in the column `reach`, and in `address` with it.
constexpr std::string_view kByAddress = "address";
constexpr std::string_view kByCommand = "command";

std::string_view reach_of(const Container& container) { return container.is_by_command() ? kByCommand : kByAddress; }

std::string_view place_in_row(const Container& container) {
  return container.is_by_command() ? container.command : container.address;
}

Container read_container(const Row& row) {
  const bool is_by_command = row.text(15) == kByCommand;
  return {.id = row.number(0),
          .name = row.text(1),
          .owner = row.number(2),
          .owner_name = row.text(3),
          .backend = row.number(4),
          .backend_name = row.text(5),
          .address = is_by_command ? "" : row.text(6),
          .port = static_cast<std::uint16_t>(row.number(7)),
          .command = is_by_command ? row.text(6) : "",
          .account = row.text(8),
          .is_default = row.number(9) != 0,
          .is_plain_login = row.number(11) != 0,
          .is_legacy = row.number(13) != 0,
          .presents = presented_of(row.text(14)).value_or(Presented::key),
          .created_at = row.number(10),
          .shared_until = row.optional_number(12),
          .group = row.text(16),
          .is_served = row.number(17) != 0};
}

// ?1 and ?2 are owner and name of the last one that is known, ?3 a backend or nothing. The joins stand in the order
// in which they are to be gone through: by owner's name, so that whoever wants few rows reads few.
std::string select_some(std::string_view which) {
  return fmt::format(
      "SELECT {} FROM users o CROSS JOIN containers c ON c.owner = o.id CROSS JOIN backends b ON b.id = c.backend"
      " WHERE o.name >= ?1 AND (o.name > ?1 OR c.name > ?2) AND (?3 IS NULL OR c.backend = ?3) {}"
      " ORDER BY o.name, c.name LIMIT ?4",
      columns(), which);
}

// The latest of all that let the user (?1) in, and the group by which one of them does; both of a container that is
// somebody else's. Those that have ended are earlier than any that has not.
constexpr std::string_view kSharedUntil =
    "CASE WHEN c.owner <> ?1 THEN (SELECT CASE WHEN count(*) = count(ends) THEN max(ends) END FROM ("
    "SELECT expires_at AS ends FROM shares WHERE container = c.id AND user = ?1"
    " UNION ALL SELECT s.expires_at FROM group_shares s JOIN group_members m ON m.user_group = s.user_group"
    " AND m.user = ?1 WHERE s.container = c.id)) END";
constexpr std::string_view kGroup =
    "CASE WHEN c.owner <> ?1 AND NOT EXISTS (SELECT 1 FROM shares WHERE container = c.id AND user = ?1"
    " AND (expires_at IS NULL OR expires_at > ?2)) THEN (SELECT g.name FROM group_shares s"
    " JOIN group_members m ON m.user_group = s.user_group AND m.user = ?1 JOIN user_groups g ON g.id = s.user_group"
    " WHERE s.container = c.id AND (s.expires_at IS NULL OR s.expires_at > ?2) ORDER BY g.name LIMIT 1) END";

// ?1 is the user, ?2 the time, ?3 her name. No join with shares, so that the two sides of the OR each have an index;
// none with users, because her own row need not be looked for.
std::string select_open(std::string_view which, std::string_view is_only_one = kIsOnlyOne) {
  return fmt::format(
      "SELECT {} FROM containers c JOIN backends b ON b.id = c.backend WHERE (c.owner = ?1 OR c.id IN"
      " (SELECT container FROM shares WHERE user = ?1 AND (expires_at IS NULL OR expires_at > ?2)"
      " UNION ALL SELECT s.container FROM group_members m JOIN group_shares s ON s.user_group = m.user_group"
      " WHERE m.user = ?1 AND (s.expires_at IS NULL OR s.expires_at > ?2))) {}",
      columns("CASE WHEN c.owner = ?1 THEN ?3 ELSE (SELECT name FROM users WHERE id = c.owner) END", is_only_one,
              kSharedUntil, kGroup, kIsServed),
      which);
}

// Where all of hers are read, whether she has only one is seen then.
std::string select_all_open() { return select_open(kOwnFirst, fmt::format("(c.owner <> ?1 AND {})", kIsOnlyOne)); }

}  // namespace

std::string Container::place() const { return is_by_command() ? command : Endpoint{address, port}.text(); }

Containers::Containers(Database& database)
    : open_to_(database, select_all_open()),
      // The plus keeps the index of names out of it: every owner may have one of that name.
      open_to_by_name_(database, select_open(fmt::format("AND +c.name = ?4 {}", kOwnFirst))),
      still_open_to_(database, select_open("AND c.id = ?4")),
      with_id_(database, select_containers("WHERE c.id = ?")),
      exists_(database, "SELECT 1 FROM containers WHERE id = ?"),
      all_(database, select_containers("ORDER BY o.name, c.name")),
      named_(database, select_containers("WHERE c.name = ? ORDER BY o.name")),
      of_owner_(database, select_containers("WHERE c.owner = ? ORDER BY c.name")),
      on_backend_(database, select_containers("WHERE c.backend = ? ORDER BY o.name, c.name")),
      some_(database, select_some("")),
      some_of_owner_(database, select_some("AND o.id = ?5")),
      count_on_backend_(database, "SELECT count(*) FROM containers WHERE backend = ?"),
      at_(database, select_containers("WHERE c.address = ? AND c.reach = 'address' ORDER BY b.name, c.port")),
      in_the_way_(database, select_containers("WHERE c.backend = ? AND c.address = ? AND c.port = ? AND c.login = ?")),
      clear_default_(database, "UPDATE containers SET is_default = 0 WHERE owner = ? AND is_default = 1 AND id <> ?"),
      add_(database,
           "INSERT INTO containers (name, owner, backend, address, port, login, is_default, created_at, legacy,"
           " identity, reach) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id"),
      update_(database,
              "UPDATE containers SET backend = ?2, address = ?3, port = ?4, login = ?5, is_default = ?6,"
              " legacy = ?7, identity = ?8, reach = ?9 WHERE id = ?1"),
      remove_(database, "DELETE FROM containers WHERE id = ?") {}

Result<std::vector<Container>> Containers::open_to(const Entrant& who, std::int64_t now) {
  auto open = open_to_.all(read_container, {who.id, now, who.name});
  if (open && std::ranges::count(*open, who.id, &Container::owner) == 1) open->front().is_plain_login = true;
  return open;
}

Result<std::vector<Container>> Containers::open_to(const Entrant& who, std::string_view name, std::int64_t now) {
  return open_to_by_name_.all(read_container, {who.id, now, who.name, name});
}

Result<std::optional<Container>> Containers::still_open_to(const Entrant& who, std::int64_t container,
                                                           std::int64_t now) {
  return still_open_to_.first(read_container, {who.id, now, who.name, container});
}

Result<std::optional<Container>> Containers::with_id(std::int64_t id) { return with_id_.first(read_container, {id}); }

Result<bool> Containers::exists(std::int64_t id) {
  const auto found = exists_.first([](const Row& row) { return row.number(0); }, {id});
  if (!found) return std::unexpected(found.error());
  return found->has_value();
}

Result<std::vector<Container>> Containers::all() { return all_.all(read_container, {}); }

Result<std::vector<Container>> Containers::named(std::string_view name) { return named_.all(read_container, {name}); }

Result<std::vector<Container>> Containers::of_owner(std::int64_t owner) {
  return of_owner_.all(read_container, {owner});
}

Result<std::vector<Container>> Containers::on_backend(std::int64_t backend) {
  return on_backend_.all(read_container, {backend});
}

Result<std::vector<Container>> Containers::at(std::string_view address) { return at_.all(read_container, {address}); }

Result<std::vector<Container>> Containers::some(const ContainerFilter& filter, std::string_view after, int limit) {
  const auto slash = std::min(after.find('/'), after.size());
  const auto owner = after.substr(0, slash);
  const auto name = after.substr(std::min(slash + 1, after.size()));
  if (!filter.owner) return some_.all(read_container, {owner, name, filter.backend, limit});
  return some_of_owner_.all(read_container, {owner, name, filter.backend, limit, *filter.owner});
}

Result<std::int64_t> Containers::count_on_backend(std::int64_t backend) {
  const auto count = count_on_backend_.first([](const Row& row) { return row.number(0); }, {backend});
  if (!count) return std::unexpected(count.error());
  return count->value_or(0);
}

Result<> Containers::clear_default(const Container& but) {
  return but.is_default ? clear_default_.run({but.owner, but.id}) : Result<>{};
}

Result<std::optional<Container>> Containers::in_the_way(const Container& container) {
  return in_the_way_.first(read_container,
                           {container.backend, place_in_row(container), container.port, container.account});
}

Error Containers::taken(const Container& wanted, const Container& there) {
  if (wanted.is_by_command()) {
    return {fmt::format("{} by `{}` on backend {} is container {} already", wanted.account, wanted.command,
                        wanted.backend_name, there.full_name())};
  }
  return {fmt::format("{} at {} port {} on backend {} is container {} already", wanted.account, wanted.address,
                      wanted.port, wanted.backend_name, there.full_name())};
}

Result<std::int64_t> Containers::add(const Container& container) {
  if (auto cleared = clear_default(container); !cleared) return std::unexpected(cleared.error());
  const auto id = add_.first([](const Row& row) { return row.number(0); },
                             {container.name, container.owner, container.backend, place_in_row(container),
                              container.port, container.account, container.is_default ? 1 : 0, container.created_at,
                              container.is_legacy ? 1 : 0, text_of(container.presents), reach_of(container)});
  if (!id) return std::unexpected(id.error());
  if (*id) return **id;
  const auto there = in_the_way(container);
  if (!there) return std::unexpected(there.error());
  if (*there) return std::unexpected(taken(container, **there));
  return fail("container {} exists already", container.full_name());
}

Result<> Containers::update(const Container& container) {
  const auto there = in_the_way(container);
  if (!there) return std::unexpected(there.error());
  if (*there && (*there)->id != container.id) return std::unexpected(taken(container, **there));
  if (auto cleared = clear_default(container); !cleared) return cleared;
  return update_.run({container.id, container.backend, place_in_row(container), container.port, container.account,
                      container.is_default ? 1 : 0, container.is_legacy ? 1 : 0, text_of(container.presents),
                      reach_of(container)});
}

Result<> Containers::remove(std::int64_t id) { return remove_.run({id}); }

}  // namespace bastion::store
