// What `incus list --format json` prints, or that of lxc, as far as anything here is read of it. Whoever wrote it may
// be hostile. Pure.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::follow {

// A network card of an instance: its own, not a bridge or a tunnel that it made itself.
struct Card {
  std::string name;
  bool is_of_profile = false;  // and not of this instance alone
  std::string address = {};    // canonical (base/endpoint.h)

  bool operator==(const Card&) const = default;
};

// Every text is as it was printed: it may be anything.
struct Instance {
  std::string name;
  std::string project;   // `default` where it does not say
  std::string location;  // the member of a cluster it runs on; empty: it does not say, or there is no cluster
  std::string status;    // `Running`, `Stopped`, `Frozen`, …
  // Those that have an address: IPv4 before IPv6, what they have before what they will have whenever it runs.
  std::vector<Card> cards = {};
  std::set<std::string> addresses = {};  // all that it has or will have, of whatever family

  [[nodiscard]] bool is_running() const { return status == "Running"; }
  bool operator==(const Instance&) const = default;
};

// The error says that this is no such list, or one of too many. What is no instance in it is one without a name.
[[nodiscard]] Result<std::vector<Instance>> parse_listing(std::string_view json);

// Of several cards: the one that was asked for, the one that all of its profile have, or eth0. The error is why none
// counts.
[[nodiscard]] Result<std::string> address_in(const Instance& instance, const std::optional<std::string>& interface);

}  // namespace bastion::follow
