#include "bastion/admin/commands/host_key.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/admin/manifest/some_of.h"

namespace bastion::admin {

Result<> pin_given(Context& context, const Arguments& arguments, const store::HostKeyOwner& owner) {
  for (const auto& given : arguments.keys("--host-key")) {
    if (auto pinned = store::HostKeys(context.database).pin(owner, given.named.key.blob, context.now); !pinned) {
      return pinned;
    }
  }
  return {};
}

Result<std::string> note_on_copies(Context& context, const store::HostKeyOwner& owner) {
  const auto copies = store::HostKeys(context.database).copies_of(owner);
  if (!copies) return std::unexpected(copies.error());
  if (copies->empty()) return std::string{};
  return fmt::format("warning: its host key is that of {} too: a copy needs host keys of its own, and accounts",
                     some_of(*copies));
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
