#include "bastion/admin/manifest/backend_changes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "bastion/admin/manifest/differences.h"
#include "bastion/admin/manifest/pinned_key.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {

using store::Backend;
using store::HostKeyOwner;

Result<> BackendChanges::load() {
  auto all = backends_.all();
  if (!all) return std::unexpected(std::move(all.error()));
  for (auto& one : *all) known_.emplace(one.name, std::move(one));
  return {};
}

const Backend* BackendChanges::find(const std::string& name) const {
  const auto found = known_.find(name);
  return found == known_.end() ? nullptr : &found->second;
}

Result<> BackendChanges::put(const Manifest& document) {
  if (!document.backends) return {};
  // First without the way there: it may lead through one that comes later.
  for (const auto& entry : *document.backends) {
    if (auto put = put_backend(entry); !put) return fail("backend {}: {}", entry.name, put.error().text);
  }
  for (const auto& entry : *document.backends) {
    if (auto put = put_way(entry); !put) return fail("backend {}: {}", entry.name, put.error().text);
  }
  return {};
}

Result<> BackendChanges::put_hook(const Backend& backend, const BackendEntry& entry, Differences& differences) {
  auto hook = wakes_.of_backend(backend.id);
  if (!hook) return std::unexpected(std::move(hook.error()));
  const auto before = *hook;
  differences.set("wake", *hook, entry.wake, [](const std::string& one) { return one.empty() ? "none" : one; });
  return *hook == before ? Result<>{} : wakes_.set_backend(backend.id, *hook);
}

Result<> BackendChanges::put_source(const Backend& backend, const BackendEntry& entry, Differences& differences) {
  auto source = sources_.of_backend(backend.id);
  if (!source) return std::unexpected(std::move(source.error()));
  const auto before = *source;
  differences.set("source", *source, entry.source, [](const std::string& one) { return one.empty() ? "none" : one; });
  return *source == before ? Result<>{} : sources_.set(backend.id, *source);
}

Result<> BackendChanges::check_reverse(const Backend& backend, const BackendEntry& entry, bool is_new) {
  if (is_new && !entry.account) return fail("it is new, so it needs address and login");
  if (is_new && !entry.address && !entry.link_key) return fail("it is new, so it needs address and login");
  if (!backend.dials_in && entry.link_key) return fail("it has an address; one that dials in is another one");
  if (!backend.dials_in) return {};
  if (entry.address) return fail("it dials in, so it has no address");
  if (entry.via && *entry.via) return fail("it dials in, so it is reached through no other one");
  if (entry.route == store::RouteKind::direct) return fail("it dials in, so its route is hop");
  return {};
}

Result<> BackendChanges::put_link_key(const Backend& backend, const BackendEntry& entry, Differences& differences) {
  if (!entry.link_key) return {};
  const auto before = links_.key_of(backend.id);
  if (!before) return std::unexpected(before.error());
  if (*before == entry.link_key->blob) return {};
  if (!before->empty()) {
    differences.note("link_key", transport::fingerprint(*before), transport::fingerprint(entry.link_key->blob));
  }
  return links_.set_key(backend.id, entry.link_key->blob);
}

Result<> BackendChanges::put_groups(const Backend& backend, const BackendEntry& entry, Differences& differences) {
  if (!entry.groups) return {};
  auto groups = groups_.of_backend(backend.id);
  if (!groups) return std::unexpected(std::move(groups.error()));
  differences.set("groups", *groups, entry.groups, [](const std::vector<std::string>& names) {
    return names.empty() ? std::string("none") : fmt::format("{}", fmt::join(names, ", "));
  });
  return groups_.set_backend(backend.id, *groups);
}

Result<> BackendChanges::put_backend(const BackendEntry& entry) {
  const auto found = known_.find(entry.name);
  const bool is_new = found == known_.end();
  Backend backend = is_new ? Backend{} : found->second;
  if (is_new) backend.dials_in = entry.link_key.has_value();
  if (auto fits = check_reverse(backend, entry, is_new); !fits) return fits;
  Differences differences;
  Endpoint address{backend.host, backend.port};
  const auto before = address;
  differences.set("address", address, entry.address, [](const Endpoint& at) { return at.text(); });
  backend.host = address.host;
  backend.port = address.port;
  differences.set("login", backend.account, entry.account, plain);
  differences.set("route", backend.route, entry.route, [](store::RouteKind route) { return text_of(route); });
  differences.set("capacity", backend.capacity, entry.capacity, count);
  differences.set("legacy", backend.is_legacy, entry.is_legacy, yes_or_no);
  differences.set("identity", backend.presents, entry.presents, [](store::Presented one) { return text_of(one); });
  if (is_new) {
    backend.name = entry.name;
    backend.created_at = changes_.now();
    const auto id = backends_.add(backend);
    if (!id) return std::unexpected(id.error());
    backend.id = *id;
    const auto& via = entry.via ? *entry.via : std::nullopt;
    changes_.record(Change::Kind::add, "backend", backend.name,
                    fmt::format("{}@{}{}{}", backend.account, backend.dials_in ? "its link" : address.text(),
                                via ? " via " : "", via.value_or("")));
  } else if (!differences.empty()) {
    if (auto updated = backends_.update(backend); !updated) return updated;
  }
  const auto owner = HostKeyOwner::of_backend(backend.id);
  if (!is_new && address != before) {
    if (auto forgotten = host_keys_.forget_learned(owner); !forgotten) return std::unexpected(forgotten.error());
  }
  if (auto put = change_host_keys(host_keys_, owner, entry.host_keys, changes_.now(), differences); !put) return put;
  if (auto put = put_hook(backend, entry, differences); !put) return put;
  if (auto put = put_source(backend, entry, differences); !put) return put;
  if (auto put = put_link_key(backend, entry, differences); !put) return put;
  if (auto put = put_groups(backend, entry, differences); !put) return put;
  const auto state = backend.state;
  differences.set("state", backend.state, entry.state, [](store::BackendState one) { return text_of(one); });
  if (backend.state != state) {
    if (auto set = backends_.set_state(backend.id, backend.state); !set) return set;
  }
  if (!is_new && !differences.empty()) {
    changes_.record(Change::Kind::change, "backend", backend.name, differences.text());
  }
  known_.insert_or_assign(backend.name, backend);
  return {};
}

Result<> BackendChanges::put_way(const BackendEntry& entry) {
  if (!entry.via) return {};
  auto& backend = known_.at(entry.name);
  const bool is_new = changes_.has_added("backend", entry.name);
  auto before = backend.via ? std::optional(backend.via_name) : std::nullopt;
  Differences differences;
  differences.set("via", before, entry.via, name_or_none);
  if (differences.empty()) return {};
  backend.via = std::nullopt;
  backend.via_name = entry.via->value_or(std::string{});
  if (*entry.via) {
    const auto way = known_.find(**entry.via);
    if (way == known_.end()) return fail("there is no backend {}", **entry.via);
    backend.via = way->second.id;
  }
  if (!is_new) changes_.record(Change::Kind::change, "backend", backend.name, differences.text());
  return backends_.update(backend);
}

Result<> BackendChanges::remove_unnamed(const Manifest& document) {
  auto left = changes_.to_go(known_, document.backends, &BackendEntry::name);
  // Farthest first: one that is the way to another goes after that one.
  while (!left.empty()) {
    const auto before = left.size();
    for (const auto& name : std::vector(left)) {
      const auto id = known_.at(name).id;
      const auto behind = backends_.behind(id);
      if (!behind) return std::unexpected(behind.error());
      if (!behind->empty()) continue;
      const auto there = containers_.count_on_backend(id);
      if (!there) return std::unexpected(there.error());
      if (*there > 0) return fail("backend {} would go, but there are still containers on it", name);
      if (auto removed = backends_.remove(id); !removed) return removed;
      known_.erase(name);
      std::erase(left, name);
      changes_.record(Change::Kind::remove, "backend", name);
    }
    if (left.size() == before) return fail("backend {} would go, but is the way to another one", left.front());
  }
  return {};
}

}  // namespace bastion::admin
