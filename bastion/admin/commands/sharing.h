// A container, and who may enter it beside its owner.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"
#include "store/containers.h"
#include "store/groups.h"
#include "store/users.h"

namespace bastion::admin {

// With whom: one of them.
struct Sharer {
  std::optional<store::User> user;
  std::optional<store::Group> group;

  [[nodiscard]] std::string text() const { return user ? user->name : "group " + group->name; }
};

// By USER, --group and --expires of a command.
[[nodiscard]] Result<Sharer> sharer_in(Context& context, const Arguments& arguments);
[[nodiscard]] Result<std::optional<std::int64_t>> end_of_share(const Context& context, const Arguments& arguments);

[[nodiscard]] Result<Answer> share(Context& context, const store::Container& container, const Sharer& with,
                                   std::optional<std::int64_t> end);
[[nodiscard]] Result<Answer> unshare(Context& context, const store::Container& container, const Sharer& with);

}  // namespace bastion::admin
