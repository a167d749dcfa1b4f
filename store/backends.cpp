#include "store/backends.h"

#include <fmt/format.h>

namespace bastion::store {
namespace {

// What read_backend() reads.
std::string select_backends(std::string_view which) {
  return fmt::format(
      "SELECT b.id, b.name, b.host, b.port, b.login, b.via, v.name, b.route, b.capacity, b.state, b.created_at,"
      " b.legacy, b.identity, b.link_key <> x''"
      " FROM backends b LEFT JOIN backends v ON v.id = b.via {}",
      which);
}

Backend read_backend(const Row& row) {
  const auto state = row.text(9);
  return {.id = row.number(0),
          .name = row.text(1),
          .host = row.text(2),
          .port = static_cast<std::uint16_t>(row.number(3)),
          .account = row.text(4),
          .via = row.optional_number(5),
          .via_name = row.text(6),
          .route = row.text(7) == "direct" ? RouteKind::direct : RouteKind::hop,
          .capacity = row.optional_number(8),
          .is_legacy = row.number(11) != 0,
          .presents = presented_of(row.text(12)).value_or(Presented::key),
          .dials_in = row.number(13) != 0,
          .state = state == "active"     ? BackendState::active
                   : state == "draining" ? BackendState::draining
                                         : BackendState::disabled,
          .created_at = row.number(10)};
}

}  // namespace

std::string_view text_of(RouteKind route) { return route == RouteKind::direct ? "direct" : "hop"; }

std::string_view text_of(BackendState state) {
  switch (state) {
    case BackendState::active: return "active";
    case BackendState::draining: return "draining";
    case BackendState::disabled: break;
  }
  return "disabled";
}

Backends::Backends(Database& database)
    : chain_(database,
             select_backends("JOIN (WITH RECURSIVE chain (id, distance) AS ("
                             " SELECT ?, 0"
                             " UNION ALL"
                             " SELECT backends.via, distance + 1 FROM backends JOIN chain ON backends.id = chain.id"
                             " WHERE backends.via IS NOT NULL)"
                             " SELECT id, distance FROM chain) c ON c.id = b.id ORDER BY c.distance DESC")),
      find_(database, select_backends("WHERE b.name = ?")),
      all_(database, select_backends("ORDER BY b.name")),
      at_(database,
          select_backends("WHERE rtrim(b.host, '.') = ? COLLATE NOCASE AND b.link_key = x'' ORDER BY b.name")),
      behind_(database, "SELECT name FROM backends WHERE via = ? ORDER BY name"),
      add_(database,
           "INSERT INTO backends (name, host, port, login, via, route, capacity, state, created_at, legacy, identity)"
           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id"),
      via_itself_(database,
                  "WITH RECURSIVE chain (id) AS ("
                  " SELECT ?2"
                  " UNION"
                  " SELECT backends.via FROM backends JOIN chain ON backends.id = chain.id"
                  " WHERE backends.via IS NOT NULL)"
                  " SELECT 1 FROM chain WHERE id = ?1"),
      update_(database,
              "UPDATE backends SET host = ?2, port = ?3, login = ?4, via = ?5, route = ?6, capacity = ?7, legacy = ?8,"
              " identity = ?9"
              " WHERE id = ?1"),
      set_state_(database, "UPDATE backends SET state = ?2 WHERE id = ?1"),
      remove_(database, "DELETE FROM backends WHERE id = ?") {}

Result<std::vector<Backend>> Backends::chain(std::int64_t id) { return chain_.all(read_backend, {id}); }

Result<std::optional<Backend>> Backends::find(std::string_view name) { return find_.first(read_backend, {name}); }

Result<Backend> Backends::get(std::string_view name) {
  auto found = find(name);
  if (!found) return std::unexpected(std::move(found.error()));
  if (!*found) return fail("there is no backend {}", name);
  return **std::move(found);
}

Result<std::vector<Backend>> Backends::all() { return all_.all(read_backend, {}); }

Result<std::vector<Backend>> Backends::at(std::string_view host) { return at_.all(read_backend, {host}); }

Result<std::vector<std::string>> Backends::behind(std::int64_t id) {
  return behind_.all([](const Row& row) { return row.text(0); }, {id});
}

Result<std::int64_t> Backends::add(const Backend& backend) {
  const auto id = add_.first(
      [](const Row& row) { return row.number(0); },
      {backend.name, backend.host, backend.port, backend.account, backend.via, text_of(backend.route), backend.capacity,
       text_of(backend.state), backend.created_at, backend.is_legacy ? 1 : 0, text_of(backend.presents)});
  if (!id) return std::unexpected(id.error());
  if (!*id) return fail("backend {} exists already", backend.name);
  return **id;
}

Result<> Backends::update(const Backend& backend) {
  const auto circle = via_itself_.first([](const Row&) { return true; }, {backend.id, backend.via});
  if (!circle) return std::unexpected(circle.error());
  if (*circle) return fail("backend {} cannot be reached via itself", backend.name);
  return update_.run({backend.id, backend.host, backend.port, backend.account, backend.via, text_of(backend.route),
                      backend.capacity, backend.is_legacy ? 1 : 0, text_of(backend.presents)});
}

Result<> Backends::set_state(std::int64_t id, BackendState state) { return set_state_.run({id, text_of(state)}); }

Result<> Backends::remove(std::int64_t id) { return remove_.run({id}); }

}  // namespace bastion::store
