// A file that was read for somebody.
#pragma once

#include <string>

namespace bastion::admin {

struct NamedText {
  std::string name;  // of a file of a DIR: its path in there
  std::string text;
};

}  // namespace bastion::admin
