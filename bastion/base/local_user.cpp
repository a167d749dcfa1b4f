#include "bastion/base/local_user.h"

#include <fmt/format.h>
#include <pwd.h>

#include <array>

#include "bastion/base/printable.h"

namespace bastion {

std::string local_user_name(uid_t uid) {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const bool known = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
  return known ? printable(entry.pw_name) : std::string();
}

std::string describe_local_user(uid_t uid) {
  const auto name = local_user_name(uid);
  return name.empty() ? fmt::format("uid={}", uid) : fmt::format("uid={} ({})", uid, name);
}

}  // namespace bastion
