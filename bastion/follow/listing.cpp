#include "bastion/follow/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "bastion/base/endpoint.h"
#include "bastion/follow/json_values.h"

namespace bastion::follow {
namespace {

using Json = nlohmann::json;

constexpr int kDeepestAnswer = 32;  // real ones have less than ten
// Each leaves a row in the answer, if only to say why it was skipped.
constexpr std::size_t kMostInstances = 100'000;

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

// For a sentence that says what is in the way.
std::string some_of(const Cards& cards) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < cards.size() && i < kShown; ++i) {
    text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", cards[i].name, cards[i].address);
  }
  if (cards.size() > kShown) text += fmt::format(" and {} more", cards.size() - kShown);
  return text;
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

Result<std::vector<Instance>> parse_listing(std::string_view json) {
  const auto list = is_too_deep(json) ? Json() : Json::parse(json, nullptr, false);
  if (!list.is_array()) return fail("this is not what `incus list --format json` prints: a list is expected");
  if (list.size() > kMostInstances) return fail("these are more than {} instances", kMostInstances);
  std::vector<Instance> instances;
  instances.reserve(list.size());
  for (const auto& instance : list) {
    instances.push_back({.name = text_in(instance, "name"),
                         .project = project_of(instance),
                         .location = text_in(instance, "location"),
                         .status = text_in(instance, "status"),
                         .cards = cards_with_address(instance),
                         .addresses = addresses_of(instance)});
  }
  return instances;
}

Result<std::string> address_in(const Instance& instance, const std::optional<std::string>& wanted) {
  auto cards = instance.cards;
  if (wanted) std::erase_if(cards, [&](const Card& card) { return card.name != *wanted; });
  if (cards.size() == 1) return cards.front().address;
  if (cards.empty() && wanted) return fail("its network card {} has no address, or it has no such card", *wanted);
  if (cards.empty() && instance.is_running()) {
    return fail("no network card of its own has an address");
  }
  if (cards.empty()) return fail("it is not running, and has no static address");
  if (std::ranges::count(cards, true, &Card::is_of_profile) == 1) {
    return std::ranges::find(cards, true, &Card::is_of_profile)->address;
  }
  const auto first = std::ranges::find(cards, "eth0", &Card::name);
  if (first != cards.end()) return first->address;
  return fail("several network cards have an address: {}; --interface says which one counts", some_of(cards));
}

}  // namespace bastion::follow
