// The hosts that run containers, and how they are reached.
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

// Whether sessions pass through the backend's sshd, or its containers' network is reached without it.
enum class RouteKind : std::uint8_t { hop, direct };
enum class BackendState : std::uint8_t { active, draining, disabled };

[[nodiscard]] std::string_view text_of(RouteKind route);
[[nodiscard]] std::string_view text_of(BackendState state);

struct Backend {
  std::int64_t id = 0;
  std::string name;
  std::string host;  // empty where it dials in
  std::uint16_t port = 22;
  std::string account;
  std::optional<std::int64_t> via = std::nullopt;
  std::string via_name;  // empty without via
  RouteKind route = RouteKind::hop;
  std::optional<std::int64_t> capacity = std::nullopt;  // containers
  bool is_legacy = false;                               // algorithms of long ago are spoken to it too
  Presented presents = Presented::key;                  // what it is logged in to with
  bool dials_in = false;                                // it has a key in links.h, and no address; only read
  BackendState state = BackendState::active;
  std::int64_t created_at = 0;
};

class Backends {
 public:
  explicit Backends(Database& database);

  // The backend behind all the backends it is reached via, nearest to the bastion first; it is the last one itself.
  // Empty when there is no such backend.
  [[nodiscard]] Result<std::vector<Backend>> chain(std::int64_t id);

  [[nodiscard]] Result<std::optional<Backend>> find(std::string_view name);
  // As find(), but that there is none is an error.
  [[nodiscard]] Result<Backend> get(std::string_view name);
  [[nodiscard]] Result<std::vector<Backend>> all();
  // Those that are reached under this host name, whatever its case and without a dot at its end, or canonical address;
  // whatever their port.
  [[nodiscard]] Result<std::vector<Backend>> at(std::string_view host);
  // The names of the backends that are reached via this one.
  [[nodiscard]] Result<std::vector<std::string>> behind(std::int64_t id);

  // Returns the new row's id. `id` and `via_name` are not read.
  [[nodiscard]] Result<std::int64_t> add(const Backend& backend);
  // Writes what may be changed about a backend: host, port, login, via, route, capacity, is_legacy, presents. The error
  // says when it would be reached via itself.
  [[nodiscard]] Result<> update(const Backend& backend);
  [[nodiscard]] Result<> set_state(std::int64_t id, BackendState state);
  // No container may live on it and no backend be reached via it any more. Its host key goes too.
  [[nodiscard]] Result<> remove(std::int64_t id);

 private:
  Statement chain_;
  Statement find_;
  Statement all_;
  Statement at_;
  Statement behind_;
  Statement add_;
  Statement via_itself_;
  Statement update_;
  Statement set_state_;
  Statement remove_;
};

}  // namespace bastion::store
