#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "bastion/admin/manifest/import.h"
#include "bastion/admin/manifest/json_values.h"
#include "bastion/base/name.h"

namespace bastion::admin {
namespace {

using Json = nlohmann::json;

constexpr int kDeepestAnswer = 32;  // real ones have less than ten
// Each leaves a row in the answer, if only to say why it was skipped.
constexpr std::size_t kMostInstances = 100'000;

// The network cards it was given; bridges and tunnels that it made itself are not among them.
std::set<std::string> cards_of(const Json& instance) {
  std::set<std::string> cards;
  for (const auto& [device, description] : child_of(instance, "expanded_devices").items()) {
    if (text_in(description, "type") != "nic") continue;
    const auto name = text_in(description, "name");
    cards.insert(name.empty() ? device : name);
  }
  return cards;
}

// Made by the instance itself or leading back to it: what is left is a card of its own.
bool is_own_card(const std::string& name, const Json& network, const std::set<std::string>& cards) {
  if (cards.contains(name)) return true;
  // A virtual machine names its cards itself; the host's side of it tells them apart.
  return name != "lo" && !text_in(network, "host_name").empty();
}

std::optional<std::string> address_of_family(const Json& network, std::string_view family) {
  for (const auto& address : child_of(network, "addresses")) {
    if (text_in(address, "family") != family || text_in(address, "scope") != "global") continue;
    if (auto canonical = canonical_address(text_in(address, "address"))) return canonical;
  }
  return std::nullopt;
}

// IPv4 before IPv6, on any of its cards.
std::optional<std::string> address_in(const Json& instance) {
  const auto cards = cards_of(instance);
  const auto& networks = child_of(child_of(instance, "state"), "network");
  if (!networks.is_object()) return std::nullopt;
  for (const auto* family : {"inet", "inet6"}) {
    for (const auto& [name, network] : networks.items()) {
      if (!is_own_card(name, network, cards)) continue;
      if (auto address = address_of_family(network, family)) return address;
    }
  }
  return std::nullopt;
}

// The error is why it is skipped.
Result<ContainerEntry> entry_of(const Json& instance, const std::string& name, const IncusTerms& terms) {
  const auto location = text_in(instance, "location");
  const bool is_placed = !location.empty() && location != "none";
  if (terms.backend && is_placed && location != *terms.backend) return fail("it runs on {}", location);
  if (!terms.backend && !is_placed) return fail("it does not say where it runs: give --backend");
  if (text_in(instance, "status") != "Running") return fail("it is not running, so it has no address");
  if (!is_name(name)) return fail("this cannot be a name: a name is {}", kNameRule);
  const auto address = address_in(instance);
  if (!address) return fail("no network card of its own has an address");
  return ContainerEntry{.owner = terms.owner.value_or(name),
                        .name = name,
                        .backend = terms.backend.value_or(location),
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
  for (const auto& instance : list) {
    const auto name = text_in(instance, "name");
    auto entry = entry_of(instance, name, terms);
    if (!entry) {
      imported.skipped.push_back({name, entry.error().text});
      continue;
    }
    if (owners.insert(entry->owner).second) users.push_back({.name = entry->owner});
    containers.push_back(*std::move(entry));
  }
  return imported;
}

}  // namespace bastion::admin
