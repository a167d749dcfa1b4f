#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "bastion/admin/manifest/import.h"
#include "bastion/admin/manifest/json_values.h"
#include "bastion/admin/manifest/some_of.h"
#include "bastion/base/name.h"

namespace bastion::admin {
namespace {

using Json = nlohmann::json;

constexpr int kDeepestAnswer = 32;  // real ones have less than ten
// Each leaves a row in the answer, if only to say why it was skipped.
constexpr std::size_t kMostInstances = 100'000;

// A network card of an instance: its own, not a bridge or a tunnel that it made itself.
struct Card {
  std::string name;
  bool is_of_profile = false;  // and not of this instance alone
  std::string address = {};
};
using Cards = std::vector<Card>;

// Those that it was given. By the name that they have inside, where that is said.
Cards given_cards(const Json& instance) {
  const auto& own = child_of(instance, "devices");
  Cards cards;
  for (const auto& [device, description] : child_of(instance, "expanded_devices").items()) {
    if (text_in(description, "type") != "nic") continue;
    const auto name = text_in(description, "name");
    cards.push_back({.name = name.empty() ? device : name, .is_of_profile = child_of(own, device.c_str()).is_null()});
  }
  return cards;
}

std::optional<std::string> address_of_family(const Json& network, std::string_view family) {
  for (const auto& address : child_of(network, "addresses")) {
    if (text_in(address, "family") != family || text_in(address, "scope") != "global") continue;
    if (auto canonical = canonical_address(text_in(address, "address"))) return canonical;
  }
  return std::nullopt;
}

// As the instance has them now.
Cards cards_in_state(const Json& instance, std::string_view family) {
  const auto given = given_cards(instance);
  Cards cards;
  const auto& networks = child_of(child_of(instance, "state"), "network");
  if (!networks.is_object()) return cards;
  for (const auto& [name, network] : networks.items()) {
    const auto known = std::ranges::find(given, name, &Card::name);
    // A virtual machine names its cards itself; the host's side of it tells them apart.
    if (known == given.end() && (name == "lo" || text_in(network, "host_name").empty())) continue;
    if (auto address = address_of_family(network, family)) {
      cards.push_back({name, known != given.end() && known->is_of_profile, *std::move(address)});
    }
  }
  return cards;
}

// As it will have them whenever it runs.
Cards cards_by_configuration(const Json& instance, std::string_view family) {
  const auto* const key = family == "inet" ? "ipv4.address" : "ipv6.address";
  Cards cards;
  for (auto& card : given_cards(instance)) {
    for (const auto& [device, description] : child_of(instance, "expanded_devices").items()) {
      const auto name = text_in(description, "name");
      if ((name.empty() ? device : name) != card.name) continue;
      const auto address = canonical_address(text_in(description, key));
      if (address) cards.push_back({card.name, card.is_of_profile, *address});
    }
  }
  return cards;
}

// IPv4 before IPv6, what it has before what it will have.
Cards cards_with_address(const Json& instance) {
  for (const auto* family : {"inet", "inet6"}) {
    if (auto cards = cards_in_state(instance, family); !cards.empty()) return cards;
  }
  for (const auto* family : {"inet", "inet6"}) {
    if (auto cards = cards_by_configuration(instance, family); !cards.empty()) return cards;
  }
  return {};
}

// All that it has or will have, of whatever family.
std::set<std::string> addresses_of(const Json& instance) {
  std::set<std::string> addresses;
  for (const auto* family : {"inet", "inet6"}) {
    for (const auto& card : cards_in_state(instance, family)) addresses.insert(card.address);
    for (const auto& card : cards_by_configuration(instance, family)) addresses.insert(card.address);
  }
  return addresses;
}

// Where a row does not say so, there are no projects, or none but this one.
std::string project_of(const Json& instance) {
  auto project = text_in(instance, "project");
  return project.empty() ? std::string("default") : project;
}

// Of several cards: the one that was asked for, the one that all of its profile have, or eth0.
Result<std::string> address_in(const Json& instance, const std::optional<std::string>& wanted) {
  auto cards = cards_with_address(instance);
  if (wanted) std::erase_if(cards, [&](const Card& card) { return card.name != *wanted; });
  if (cards.size() == 1) return cards.front().address;
  if (cards.empty() && wanted) return fail("its network card {} has no address, or it has no such card", *wanted);
  if (cards.empty() && text_in(instance, "status") == "Running") {
    return fail("no network card of its own has an address");
  }
  if (cards.empty()) return fail("it is not running, and has no static address");
  if (std::ranges::count(cards, true, &Card::is_of_profile) == 1) {
    return std::ranges::find(cards, true, &Card::is_of_profile)->address;
  }
  const auto first = std::ranges::find(cards, "eth0", &Card::name);
  if (first != cards.end()) return first->address;
  std::vector<std::string> names;
  for (const auto& card : cards) names.push_back(fmt::format("{} ({})", card.name, card.address));
  return fail("several network cards have an address: {}; --interface says which one counts", some_of(names));
}

// Where it runs; the error is why that cannot be told.
Result<std::string> backend_of(const Json& instance, const IncusTerms& terms) {
  const auto location = text_in(instance, "location");
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
Result<ContainerEntry> entry_of(const Json& instance, const std::string& name, const IncusTerms& terms) {
  const auto backend = backend_of(instance, terms);
  if (!backend) return std::unexpected(backend.error());
  if (!is_name(name)) return fail("this cannot be a name: a name is {}", kNameRule);
  const auto address = address_in(instance, terms.interface);
  if (!address) return std::unexpected(address.error());
  return ContainerEntry{.owner = terms.owner.value_or(name),
                        .name = name,
                        .backend = *backend,
                        .address = Endpoint{*address, 22},
                        .account = terms.account};
}

// It may come from a backend, and each level costs many times what it is in text. Looked for in the text: the library
// can be asked to watch the depth, and then goes through a whole list again at the end of each of its objects.
bool is_too_deep(std::string_view json) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') quoted = !quoted;
    if (quoted && c == '\\') ++i;
    if (quoted) continue;
    if ((c == '[' || c == '{') && ++depth > kDeepestAnswer) return true;
    if (c == ']' || c == '}') --depth;
  }
  return false;
}

}  // namespace

Result<Imported> import_incus(std::string_view json, const IncusTerms& terms) {
  const auto list = is_too_deep(json) ? Json() : Json::parse(json, nullptr, false);
  if (!list.is_array()) return fail("this is not what `incus list --format json` prints: a list is expected");
  if (list.size() > kMostInstances) return fail("these are more than {} instances", kMostInstances);
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
  for (const auto& instance : list) {
    const auto project = project_of(instance);
    projects.insert(project);
    members.insert(text_in(instance, "location"));
    if (terms.project && project != *terms.project) continue;
    const auto name = text_in(instance, "name");
    const auto shown = project == "default" ? name : fmt::format("{} (project {})", name, project);
    const auto skip = [&](std::string why) { imported.skipped.push_back({shown, std::move(why)}); };
    if (const auto backend = backend_of(instance, terms)) {
      auto& listed = imported.listed[*backend];
      listed.insert(name);
      listed.merge(addresses_of(instance));
    }
    auto entry = entry_of(instance, name, terms);
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
