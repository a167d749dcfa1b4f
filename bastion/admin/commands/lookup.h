// What an administrator means by a name.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "bastion/admin/grammar/command.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/groups.h"
#include "store/host_keys.h"
#include "store/users.h"

namespace bastion::admin {

// `name` or `owner/name`. The error says when there is none, or lists those that could be meant.
[[nodiscard]] Result<store::Container> find_container(Context& context, std::string_view reference);

// A machine with host keys.
struct Host {
  store::HostKeyOwner owner;
  std::string machine;  // as sentences name it: `backend be1`, `container alice/web`
  std::string name;     // as commands do: `be1`, `alice/web`
  std::string note;     // that a container is called so too; else empty
};
// A backend, or a container as find_container() has it.
[[nodiscard]] Result<Host> find_host(Context& context, std::string_view reference);

// As get() of Users, Groups and Backends, but an error says who was probably meant.
[[nodiscard]] Result<store::User> find_user(Context& context, std::string_view name);
[[nodiscard]] Result<store::Group> find_group(Context& context, std::string_view name);
[[nodiscard]] Result<store::Backend> find_backend(Context& context, std::string_view name);
// Of whom the history may tell: users, those who are gone but have left rows there, and those who are no user.
[[nodiscard]] Result<> must_be_in_history(Context& context, std::string_view name);

// Whether a session, or a tunnel of it, leads to one of these (`owner/name`, or a backend).
[[nodiscard]] bool leads_to(const session::LiveSession& session, const std::set<std::string>& places);

}  // namespace bastion::admin
