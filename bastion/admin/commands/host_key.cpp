#include "bastion/admin/commands/host_key.h"

#include <fmt/format.h>

#include <utility>

namespace bastion::admin {

Result<> pin_given(Context& context, const Arguments& arguments, const store::HostKeyOwner& owner) {
  for (const auto& given : arguments.keys("--host-key")) {
    if (auto pinned = store::HostKeys(context.database).pin(owner, given.named.key.blob, context.now); !pinned) {
      return pinned;
    }
  }
  return {};
}

Result<Answer> forget_host_key(Context& context, const store::HostKeyOwner& owner, std::string_view whose,
                               std::string subject) {
  const auto forgotten = store::HostKeys(context.database).forget(owner);
  if (!forgotten) return std::unexpected(forgotten.error());
  if (!*forgotten) return fail("no host key of {} is known", whose);
  return Answer{Sentence{fmt::format("the host key of {} is forgotten; the next one it presents is remembered", whose)},
                std::move(subject)};
}

}  // namespace bastion::admin
