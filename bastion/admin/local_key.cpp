#include "bastion/admin/local_key.h"

#include "bastion/base/whole_file.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kLongestKey = 64 * 1024;  // far more than any key; a disk image named by mistake is no key

}  // namespace

Result<std::string> read_local_key(std::string_view argument) {
  // `type base64`: no path looks like that by accident.
  if (argument.find(' ') != std::string_view::npos || argument.find("PRIVATE KEY") != std::string_view::npos) {
    return std::string(argument);
  }
  auto text = read_whole_file(argument, kLongestKey);
  if (text && text->size() > kLongestKey) return fail("{}: this is too long to be a key", argument);
  return text;
}

}  // namespace bastion::admin
