#include "bastion/admin/local_key.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace bastion::admin {
namespace {

constexpr std::size_t kLongestKey = 64 * 1024;  // far more than any key; a disk image named by mistake is no key

}  // namespace

Result<std::string> read_local_key(std::string_view argument) {
  // `type base64`: no path looks like that by accident.
  if (argument.find(' ') != std::string_view::npos || argument.find("PRIVATE KEY") != std::string_view::npos) {
    return std::string(argument);
  }
  const std::string name(argument);
  std::ifstream file(name);
  if (!file.is_open()) return fail("{}: {}", name, std::strerror(errno));
  std::string text(kLongestKey + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return fail("{}: {}", name, std::strerror(errno));
  if (text.size() > kLongestKey) return fail("{}: this is too long to be a key", name);
  return text;
}

}  // namespace bastion::admin
