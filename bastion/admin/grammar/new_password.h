// A password that a command gives somebody.
#pragma once

#include <string>

namespace bastion::admin {

struct NewPassword {
  std::string text;
  std::string hash;      // what is stored
  bool is_made = false;  // by the bastion: whoever gives the command has to be told
};

}  // namespace bastion::admin
