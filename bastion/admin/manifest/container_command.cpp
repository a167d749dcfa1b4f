#include "bastion/admin/manifest/container_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bastion/base/name.h"
#include "bastion/base/printable.h"

namespace bastion::admin {
namespace {

struct Template {
  std::string_view word;
  std::string_view before;  // the container's name
  std::string_view behind;
};

constexpr std::array kTemplates{
    Template{"incus", "incus exec ", " -- /usr/sbin/sshd -i"},
    Template{"lxd", "lxc exec ", " -- /usr/sbin/sshd -i"},
    Template{"lxc", "lxc exec ", " -- /usr/sbin/sshd -i"},
    Template{"docker", "docker exec -i ", " /usr/sbin/sshd -i"},
    // -e, or sshd closes its standard error, and with one of the outputs containerd (1.6) ends the input too.
    Template{"kubectl", "kubectl exec -i ", " -- /usr/sbin/sshd -i -e"},
};

// A shell is given a longer one, but an index of the database holds it too.
constexpr std::size_t kLongestCommand = 1000;

}  // namespace

std::optional<std::string> check_command(std::string_view text) {
  constexpr std::string_view kRule =
      "a command is what the backend runs, as `incus exec web -- /usr/sbin/sshd -i`, on one line; or incus, lxd, "
      "docker "
      "or kubectl, which stand for that";
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return std::string(kRule);
  if (text.size() > kLongestCommand) return fmt::format("a command has {} bytes at most", kLongestCommand);
  if (printable(std::string(text)) != text) return std::string(kRule);
  return std::nullopt;
}

std::string command_of(std::string_view text, std::string_view container) {
  const auto* const found = std::ranges::find(kTemplates, text, &Template::word);
  if (found == kTemplates.end() || !is_name(container)) return std::string(text);
  return fmt::format("{}{}{}", found->before, container, found->behind);
}

bool leads_into_instance(std::string_view command) {
  return (command.starts_with("incus exec ") || command.starts_with("lxc exec ")) &&
         command.ends_with(" -- /usr/sbin/sshd -i");
}

}  // namespace bastion::admin
