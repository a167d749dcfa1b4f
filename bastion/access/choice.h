// A container that somebody may enter, for them to choose from.
#pragma once

#include <string>

namespace bastion::access {

struct Choice {
  std::string name;  // as it stands after the `+`
  std::string backend;
  std::string state;  // of the backend
};

}  // namespace bastion::access
