#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bastion/admin/commands/backend_groups.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/host_key.h"
#include "bastion/admin/commands/legacy.h"
#include "bastion/admin/commands/links.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/commands/source.h"
#include "bastion/admin/commands/wake.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/grammar/tables.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/some_of.h"
#include "bastion/base/endpoint.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/host_keys.h"
#include "store/wakes.h"

namespace bastion::admin {
namespace {

using store::Backend;
using store::BackendState;
using store::HostKeyOwner;
using State = upstream::Reachability::State;

Cell via_cell(const Backend& backend) { return backend.via ? Cell(backend.via_name) : Cell(nullptr); }
Cell capacity_cell(const Backend& backend) { return backend.capacity ? Cell(*backend.capacity) : Cell(nullptr); }

// What was found out about it, in the cells of REACHABLE, LATENCY MS and LAST SUCCESS.
struct Reached {
  Cell reachable = nullptr;
  Cell latency = nullptr;
  Cell last_success = nullptr;
  Cell why = nullptr;
};

Reached reached(const Context& context, const Backend& backend) {
  Reached cells;
  if (!context.snapshot.reachability) return cells;
  const auto known = std::ranges::find(*context.snapshot.reachability, backend.id, &upstream::Reachability::backend);
  if (known == context.snapshot.reachability->end()) return cells;
  cells.last_success = timestamp_cell(known->last_success);
  if (known->state == State::unmeasured) return cells;
  cells.reachable = known->state == State::reachable;
  if (known->state == State::reachable) {
    // Tenths of a millisecond: what is near takes less than one.
    cells.latency = std::round(static_cast<double>(known->latency.count()) / 100) / 10;
  } else {
    cells.why = known->why;
  }
  return cells;
}

std::string note_on(const Context& context) {
  return context.snapshot.reachability ? ""
                                       : "no running bastion uses this state directory: reachability is not measured";
}

// Of one that dials in there is none.
std::string address_of(const Backend& backend) {
  return backend.dials_in ? "dials in" : Endpoint{backend.host, backend.port}.text();
}

Result<> set_way(Context& context, Backend& backend, const std::string& via) {
  backend.via = std::nullopt;
  if (via == "none") return {};
  const auto before = find_backend(context, via);
  if (!before) return std::unexpected(before.error());
  backend.via = before->id;
  return {};
}

// What the command line says about a backend, put into what the store has.
Result<> describe(Context& context, Backend& backend, const Arguments& arguments) {
  const auto host = arguments.given("HOST") ? arguments.optional("HOST") : arguments.optional("--address");
  if (host && backend.dials_in) return fail("a backend that dials in has no address");
  if (host) {
    const auto endpoint = parse_endpoint(*host, kSshPort);
    if (!endpoint) return std::unexpected(endpoint.error());
    backend.host = endpoint->host;
    backend.port = endpoint->port;
  }
  if (const auto login = arguments.optional("--login")) backend.account = *login;
  if (const auto capacity = arguments.optional("--capacity")) backend.capacity = capacity_of(*capacity);
  if (auto set = set_legacy(arguments, backend.is_legacy); !set) return set;
  set_identity(arguments, backend.presents);
  const auto via = arguments.optional("--via");
  if (via && backend.dials_in) return fail("a backend that dials in is reached through no other one");
  return via ? set_way(context, backend, *via) : Result<>{};
}

Result<Answer> set_state(Context& context, const Arguments& arguments, BackendState state, std::string_view sentence) {
  store::Backends backends(context.database);
  const auto backend = find_backend(context, arguments.text("NAME"));
  if (!backend) return std::unexpected(backend.error());
  if (auto set = backends.set_state(backend->id, state); !set) return std::unexpected(set.error());
  return Answer{Sentence{fmt::format("backend {} {}", backend->name, sentence)}, backend->name};
}

}  // namespace

RuntimeQuery ask_all_backends(const Arguments& /*arguments*/) { return ReachabilityQuery{}; }

RuntimeQuery ask_backend(const Arguments& arguments) { return ReachabilityQuery{.backend = arguments.text("NAME")}; }

Result<Answer> backend_add(Context& context, const Arguments& arguments) {
  Backend backend;
  backend.name = arguments.text("NAME");
  backend.created_at = context.now;
  if (arguments.given("--direct")) backend.route = store::RouteKind::direct;
  if (auto fits = check_reverse(arguments); !fits) return std::unexpected(fits.error());
  backend.dials_in = arguments.given("--reverse");
  if (auto described = describe(context, backend, arguments); !described) return std::unexpected(described.error());
  const auto id = store::Backends(context.database).add(backend);
  if (!id) return std::unexpected(id.error());
  backend.id = *id;
  if (auto set = set_link_key(context, arguments, *id); !set) return std::unexpected(set.error());
  if (const auto set = set_groups(context, arguments, backend); !set) return std::unexpected(set.error());
  if (auto set = set_wake(context, arguments, *id); !set) return std::unexpected(set.error());
  if (auto set = set_source(context, arguments, backend); !set) return std::unexpected(set.error());
  if (auto pinned = pin_given(context, arguments, HostKeyOwner::of_backend(*id)); !pinned)
    return std::unexpected(pinned.error());
  return Answer{Sentence{fmt::format("backend {} added", backend.name)},
                audited(backend.name, arguments) + wake_of_backend(arguments) + source_of_arguments(arguments) +
                    link_key_of(arguments) + groups_in_audit(arguments)};
}

Result<Answer> backend_set(Context& context, const Arguments& arguments) {
  store::Backends backends(context.database);
  auto backend = find_backend(context, arguments.text("NAME"));
  if (!backend) return std::unexpected(backend.error());
  const auto before = address_of(*backend);
  if (auto described = describe(context, *backend, arguments); !described) return std::unexpected(described.error());
  if (arguments.given("--key") && !backend->dials_in) {
    return fail("backend {} has an address: only one that dials in (backend add --reverse) logs in here",
                backend->name);
  }
  if (auto updated = backends.update(*backend); !updated) return std::unexpected(updated.error());
  if (auto set = set_link_key(context, arguments, backend->id); !set) return std::unexpected(set.error());
  auto shut_out = set_groups(context, arguments, *backend);
  if (!shut_out) return std::unexpected(shut_out.error());
  if (auto set = set_wake(context, arguments, backend->id); !set) return std::unexpected(set.error());
  if (auto set = set_source(context, arguments, *backend); !set) return std::unexpected(set.error());
  if (before != address_of(*backend)) {
    const auto owner = HostKeyOwner::of_backend(backend->id);
    const auto forgotten = store::HostKeys(context.database).forget_learned(owner);
    if (!forgotten) return std::unexpected(forgotten.error());
  }
  if (auto pinned = pin_given(context, arguments, HostKeyOwner::of_backend(backend->id)); !pinned)
    return std::unexpected(pinned.error());
  Answer answer{Sentence{fmt::format("backend {} changed", backend->name)},
                audited(backend->name, arguments) + wake_of_backend(arguments) + source_of_arguments(arguments) +
                    link_key_of(arguments) + groups_in_audit(arguments)};
  answer.note = *std::move(shut_out);
  return answer;
}

Result<Answer> backend_drain(Context& context, const Arguments& arguments) {
  return set_state(context, arguments, BackendState::draining,
                   "drains: running sessions go on, nobody new is let in and no container is placed there");
}

Result<Answer> backend_resume(Context& context, const Arguments& arguments) {
  return set_state(context, arguments, BackendState::active, "is active");
}

Result<Answer> backend_forget_host_key(Context& context, const Arguments& arguments) {
  const auto backend = find_backend(context, arguments.text("NAME"));
  if (!backend) return std::unexpected(backend.error());
  const auto owner = HostKeyOwner::of_backend(backend->id);
  return forget_host_key(context, owner, fmt::format("backend {}", backend->name), backend->name);
}

Result<Answer> backend_list(Context& context, const Arguments& /*arguments*/) {
  const auto backends = store::Backends(context.database).all();
  if (!backends) return std::unexpected(backends.error());
  store::Containers all_containers(context.database);
  Table table{{"name", "state", "reachable", "latency_ms", "containers", "capacity", "address", "via", "last_success",
               "login", "route"},
              {},
              "no backends"};
  for (const auto& backend : *backends) {
    const auto count = all_containers.count_on_backend(backend.id);
    if (!count) return std::unexpected(count.error());
    const auto now = reached(context, backend);
    table.rows.push_back({backend.name, text_of(backend.state), now.reachable, now.latency, *count,
                          capacity_cell(backend), address_of(backend), via_cell(backend), now.last_success,
                          backend.account, text_of(backend.route)});
  }
  Answer answer{std::move(table)};
  answer.note = note_on(context);
  return answer;
}

Result<Answer> backend_show(Context& context, const Arguments& arguments) {
  const auto backend = find_backend(context, arguments.text("NAME"));
  if (!backend) return std::unexpected(backend.error());
  const auto host_keys = shown_host_keys(context, HostKeyOwner::of_backend(backend->id));
  if (!host_keys) return std::unexpected(host_keys.error());
  const auto hook = store::Wakes(context.database).of_backend(backend->id);
  if (!hook) return std::unexpected(hook.error());
  const auto source = shown_source(context, backend->id);
  if (!source) return std::unexpected(source.error());
  const auto groups = groups_cell(context, *backend);
  if (!groups) return std::unexpected(groups.error());
  const auto containers = store::Containers(context.database).on_backend(backend->id);
  if (!containers) return std::unexpected(containers.error());
  auto table = table_with_states(context, *containers);
  if (!table) return std::unexpected(table.error());
  const auto now = reached(context, *backend);
  Answer answer{Record{{{"name", Cell(backend->name)},
                        {"address", Cell(address_of(*backend))},
                        {"login", Cell(backend->account)},
                        {"via", via_cell(*backend)},
                        {"route", Cell(text_of(backend->route))},
                        {"state", Cell(text_of(backend->state))},
                        {"reachable", now.reachable},
                        {"latency_ms", now.latency},
                        {"last_success", now.last_success},
                        {"unreachable_because", now.why},
                        {"capacity", capacity_cell(*backend)},
                        {"groups", *groups},
                        {"legacy", Cell(backend->is_legacy)},
                        {"identity", Cell(text_of(backend->presents))},
                        {"wake", hook->empty() ? Cell(nullptr) : Cell(*hook)},
                        {"source", source->source},
                        {"listed", source->listed},
                        {"not_listed_because", source->failure},
                        {"host_key", host_keys->host_key},
                        {"refused_host_key", host_keys->refused_host_key},
                        {"host_key_alias", host_keys->alias},
                        {"created", timestamp_cell(backend->created_at)},
                        {"containers", *std::move(table)}}}};
  if (backend->dials_in) {
    auto shown = shown_links(context, backend->id);
    if (!shown) return std::unexpected(shown.error());
    auto& fields = std::get<Record>(answer.content).fields;
    fields.insert(fields.end() - 1, shown->begin(), shown->end());
  }
  answer.note = note_on(context);
  if (!host_keys->note.empty()) answer.note += (answer.note.empty() ? "" : "\n") + host_keys->note;
  return answer;
}

Result<Answer> backend_remove(Context& context, const Arguments& arguments) {
  store::Backends backends(context.database);
  const auto backend = find_backend(context, arguments.text("NAME"));
  if (!backend) return std::unexpected(backend.error());
  const auto behind = backends.behind(backend->id);
  if (!behind) return std::unexpected(behind.error());
  if (!behind->empty()) return fail("backend {} is the way to {}: remove that first", backend->name, some_of(*behind));
  store::Containers all_containers(context.database);
  const auto containers = all_containers.on_backend(backend->id);
  if (!containers) return std::unexpected(containers.error());
  const auto names = names_of(*containers);
  if (!containers->empty() && !arguments.given(kYesOption)) {
    return ask_for_yes(context, fmt::format("Remove {} and {}?", backend->name, some_of(names)),
                       fmt::format("backend {} still has {}: --yes removes that too", backend->name, some_of(names)));
  }
  for (const auto& container : *containers) {
    if (auto removed = all_containers.remove(container.id); !removed) return std::unexpected(removed.error());
  }
  if (auto removed = backends.remove(backend->id); !removed) return std::unexpected(removed.error());
  return removed_with("backend", backend->name, names);
}

}  // namespace bastion::admin
