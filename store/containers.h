// What users land in: an account in something with its own sshd, at an address inside the network of one backend, or
// behind a command that this backend runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "store/presented.h"
#include "store/statement.h"

namespace bastion::store {

struct Container {
  std::int64_t id = 0;
  std::string name;  // unique for its owner
  std::int64_t owner = 0;
  std::string owner_name;
  std::int64_t backend = 0;
  std::string backend_name;
  std::string address;  // in canonical form (bastion/base/endpoint.h): it is compared as text
  std::uint16_t port = 22;
  std::string command = {};  // has SSH to it on its standard input and output; then there is no address
  std::string account;
  bool is_default = false;      // marked as such; one of each owner may be
  bool is_plain_login = false;  // where its owner lands when she names none: the default, or the only one she has
  bool is_legacy = false;       // algorithms of long ago are spoken to it too
  Presented presents = Presented::key;  // what it is logged in to with
  std::int64_t created_at = 0;
  // What open_to() and still_open_to() know of somebody else's container: when its share ends, if it does.
  std::optional<std::int64_t> shared_until = std::nullopt;
  std::string group = {};  // with which it is shared, where it is not shared with the user alone
  bool is_served = true;   // false: its backend serves groups of which its owner is in none (store/groups.h)

  // `owner/name`: what is unique everywhere.
  [[nodiscard]] std::string full_name() const { return owner_name + "/" + name; }
  [[nodiscard]] bool is_by_command() const { return !command.empty(); }
  // For people to read: `10.0.3.100:22`, or the command.
  [[nodiscard]] std::string place() const;
};

// Who wants to enter: the row and the name of a user, which belong together.
struct Entrant {
  std::int64_t id = 0;
  std::string_view name;
};

struct ContainerFilter {
  std::optional<std::int64_t> owner = std::nullopt;
  std::optional<std::int64_t> backend = std::nullopt;
};

class Containers {
 public:
  explicit Containers(Database& database);

  // What the user may enter at this time: her own first, then what is shared with her; each by name.
  [[nodiscard]] Result<std::vector<Container>> open_to(const Entrant& who, std::int64_t now);
  // The same, of those with this name.
  [[nodiscard]] Result<std::vector<Container>> open_to(const Entrant& who, std::string_view name, std::int64_t now);

  // The question of a session that is running: this container, if the user may still enter it.
  [[nodiscard]] Result<std::optional<Container>> still_open_to(const Entrant& who, std::int64_t container,
                                                               std::int64_t now);

  // Whoever may enter it.
  [[nodiscard]] Result<std::optional<Container>> with_id(std::int64_t id);
  // Whether there is one with this id, whoever may enter it.
  [[nodiscard]] Result<bool> exists(std::int64_t id);

  // Whoever the owner is.
  [[nodiscard]] Result<std::vector<Container>> all();
  [[nodiscard]] Result<std::vector<Container>> named(std::string_view name);
  [[nodiscard]] Result<std::vector<Container>> of_owner(std::int64_t owner);
  [[nodiscard]] Result<std::vector<Container>> on_backend(std::int64_t backend);
  [[nodiscard]] Result<std::int64_t> count_on_backend(std::int64_t backend);
  // By owner and name, those that come after `owner/name`, which need not be there; empty: from the first. So many at
  // most, or all when `limit` is negative.
  [[nodiscard]] Result<std::vector<Container>> some(const ContainerFilter& filter, std::string_view after, int limit);
  // Those with this address (canonical: bastion/base/endpoint.h), whatever their backend and port.
  [[nodiscard]] Result<std::vector<Container>> at(std::string_view address);

  // That `there` is that account in that machine already.
  [[nodiscard]] static Error taken(const Container& wanted, const Container& there);
  // Returns the new row's id. The names in it are read for the error only. A new default replaces the owner's old one;
  // call inside Database::change.
  [[nodiscard]] Result<std::int64_t> add(const Container& container);
  // Writes what may be changed about a container: backend, address and port or command, login, is_default, is_legacy,
  // presents. As add() otherwise.
  [[nodiscard]] Result<> update(const Container& container);
  // Its shares and its host key go too.
  [[nodiscard]] Result<> remove(std::int64_t id);

 private:
  [[nodiscard]] Result<> clear_default(const Container& but);
  // The container that is this account in this machine already.
  [[nodiscard]] Result<std::optional<Container>> in_the_way(const Container& container);

  Statement open_to_;
  Statement open_to_by_name_;
  Statement still_open_to_;
  Statement with_id_;
  Statement exists_;
  Statement all_;
  Statement named_;
  Statement of_owner_;
  Statement on_backend_;
  Statement some_;
  Statement some_of_owner_;
  Statement count_on_backend_;
  Statement at_;
  Statement in_the_way_;
  Statement clear_default_;
  Statement add_;
  Statement update_;
  Statement remove_;
};

}  // namespace bastion::store
