#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "bastion/admin/manifest/import.h"
#include "bastion/base/name.h"
#include "bastion/follow/listing.h"

namespace bastion::admin {
namespace {

using follow::Instance;

// Where it runs; the error is why that cannot be told.
Result<std::string> backend_of(const Instance& instance, const IncusTerms& terms) {
  const auto& location = instance.location;
  const auto mapped = terms.members.find(location);
  auto backend = mapped == terms.members.end() ? location : mapped->second;
  const bool is_placed = !location.empty() && location != "none";
  if (!is_placed && !terms.backend) return fail("it does not say where it runs: give --backend");
  if (!is_placed) return *terms.backend;
  if (terms.backend && backend != *terms.backend) return fail("it runs on {}", location);
  if (!is_name(backend)) {
    return fail("it runs on {}, which cannot be the name of a backend: --map {}=BACKEND says which one that is",
                location, location);
  }
  return backend;
}

// The error is why it is skipped.
Result<ContainerEntry> entry_of(const Instance& instance, const IncusTerms& terms) {
  const auto backend = backend_of(instance, terms);
  if (!backend) return std::unexpected(backend.error());
  const auto& name = instance.name;
  if (!is_name(name)) return fail("this cannot be a name: a name is {}", kNameRule);
  const auto address = follow::address_in(instance, terms.interface);
  if (!address) return std::unexpected(address.error());
  return ContainerEntry{.owner = terms.owner.value_or(name),
                        .name = name,
                        .backend = *backend,
                        .address = Endpoint{*address, 22},
                        .account = terms.account};
}

}  // namespace

Result<Imported> import_incus(std::string_view json, const IncusTerms& terms) {
  const auto list = follow::parse_listing(json);
  if (!list) return std::unexpected(list.error());
  Imported imported;
  auto& users = imported.directory.users.emplace();
  auto& containers = imported.directory.containers.emplace();
  std::set<std::string> owners;
  std::map<std::string, std::string> first_named;                       // by owner/name: what is in the way
  std::map<std::pair<std::string, std::string>, std::string> first_at;  // by backend and address
  std::set<std::string> projects;
  std::set<std::string> members;
  // One that nothing runs on is a backend of which nothing is listed.
  if (terms.backend) imported.listed[*terms.backend];
  for (const auto& instance : *list) {
    const auto& project = instance.project;
    projects.insert(project);
    members.insert(instance.location);
    if (terms.project && project != *terms.project) continue;
    const auto& name = instance.name;
    const auto shown = project == "default" ? name : fmt::format("{} (project {})", name, project);
    const auto skip = [&](std::string why) { imported.skipped.push_back({shown, std::move(why)}); };
    if (const auto backend = backend_of(instance, terms)) {
      auto& listed = imported.listed[*backend];
      listed.insert(name);
      listed.insert(instance.addresses.begin(), instance.addresses.end());
    }
    auto entry = entry_of(instance, terms);
    if (!entry) {
      skip(entry.error().text);
      continue;
    }
    const auto [named, is_new_name] = first_named.try_emplace(entry->full_name(), shown);
    if (!is_new_name) {
      skip(fmt::format("{} is called the same, and a user's containers have different names", named->second));
      continue;
    }
    const auto [at, is_new_place] = first_at.try_emplace({*entry->backend, entry->address->host}, shown);
    if (!is_new_place) {
      skip(fmt::format("its address {} is also that of {}", entry->address->host, at->second));
      continue;
    }
    if (owners.insert(entry->owner).second) users.push_back({.name = entry->owner});
    containers.push_back(*std::move(entry));
  }
  for (const auto& [member, backend] : terms.members) {
    if (!members.contains(member)) return fail("--map {}={}: nothing in the list runs on {}", member, backend, member);
  }
  if (projects.size() <= 1 && !terms.has_all_projects) {
    imported.project = projects.empty() ? "default" : *projects.begin();
  }
  if (terms.project) imported.project = *terms.project;
  return imported;
}

}  // namespace bastion::admin
