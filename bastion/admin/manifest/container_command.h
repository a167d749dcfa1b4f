// The command by which a container is reached, as an administrator writes it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bastion::admin {

// Of a container: what its backend runs, or `incus`, `lxd`, `lxc`, `docker` or `kubectl`.
[[nodiscard]] std::optional<std::string> check_command(std::string_view text);

// What passed the check, for the container of that name: what one of those words stands for, or the text itself. In a
// name (base/name.h) there is nothing that a shell takes for anything else; with any other one a word stands for
// itself.
[[nodiscard]] std::string command_of(std::string_view text, std::string_view container);

// Whether it is one that `bastion-instances` runs in an instance, where a line `reach` of its file allows that.
[[nodiscard]] bool leads_into_instance(std::string_view command);

}  // namespace bastion::admin
