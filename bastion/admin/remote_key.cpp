#include "bastion/admin/remote_key.h"

namespace bastion::admin {

Result<std::string> read_remote_key(std::string_view argument) {
  if (argument.find(' ') == std::string_view::npos && argument.find("PRIVATE KEY") == std::string_view::npos) {
    return fail(
        "{}: files of your machine cannot be read from here; give - and the key on standard input, or the key"
        " itself",
        argument);
  }
  return std::string(argument);
}

}  // namespace bastion::admin
