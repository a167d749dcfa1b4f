// A file that was read for somebody.
#pragma once

#include <string>

namespace bastion::admin {

struct NamedText {
  std::string name;  // of a file of a DIR: its path in there
  std::string text;
  std::string unread = {};  // why there is no text; empty: there is
};

}  // namespace bastion::admin
