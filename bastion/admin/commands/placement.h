// Which backend a new container goes to. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/manifest/machine_resources.h"

namespace bastion::admin {

struct Candidate {
  std::string name;
  std::int64_t containers = 0;  // that are there already
  std::optional<std::int64_t> capacity = std::nullopt;
};

// The index of the emptiest one, measured by its capacity; of several, the first by name. One without a capacity is
// measured as if it had that of the largest. Nothing when all are full, or there are none.
[[nodiscard]] std::optional<std::size_t> place(const std::vector<Candidate>& candidates);

struct Machine {
  std::string name;
  MachineResources resources;
};
// By what is free there: one with a processor to spare before one without, then the one with the most memory; of
// several, the first by name. Nothing where there are none.
[[nodiscard]] std::optional<std::size_t> place_by_resources(const std::vector<Machine>& machines);

}  // namespace bastion::admin
