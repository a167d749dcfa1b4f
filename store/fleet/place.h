// Where a bastion stands in a fleet.
#pragma once

#include <string>

namespace bastion::store::fleet {

struct Place {
  std::string database;  // conninfo of libpq
  std::string node;      // what this bastion is called
};

}  // namespace bastion::store::fleet
