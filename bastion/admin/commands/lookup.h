// What an administrator means by a name.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "bastion/admin/grammar/command.h"
#include "store/containers.h"

namespace bastion::admin {

// `name` or `owner/name`. The error says when there is none, or lists those that could be meant.
[[nodiscard]] Result<store::Container> find_container(Context& context, std::string_view reference);

// Whether a session, or a tunnel of it, leads to one of these (`owner/name`, or a backend).
[[nodiscard]] bool leads_to(const session::LiveSession& session, const std::set<std::string>& places);

}  // namespace bastion::admin
