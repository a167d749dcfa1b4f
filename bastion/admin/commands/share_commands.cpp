#include <fmt/format.h>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/manifest/timestamp.h"
#include "store/shares.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

std::string subject_of(const store::Container& container, const store::User& user) {
  return fmt::format("{} {}", container.full_name(), user.name);
}

Result<std::optional<std::int64_t>> end_of_share(const Context& context, const Arguments& arguments) {
  const auto expires = arguments.optional("--expires");
  if (!expires) return std::nullopt;
  const auto timestamp = parse_timestamp(*expires, context.now);
  if (!timestamp) return std::unexpected(timestamp.error());
  if (*timestamp <= context.now) return fail("{} is past: the container would never be shared", *expires);
  return *timestamp;
}

}  // namespace

Result<Answer> container_share(Context& context, const Arguments& arguments) {
  const auto container = find_container(context, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  const auto user = find_user(context, arguments.text("USER"));
  if (!user) return std::unexpected(user.error());
  if (user->id == container->owner) return fail("container {} is {}'s own", container->full_name(), user->name);
  const auto end = end_of_share(context, arguments);
  if (!end) return std::unexpected(end.error());
  if (auto shared = store::Shares(context.database).add(container->id, user->id, *end); !shared) {
    return std::unexpected(shared.error());
  }
  const auto until = *end ? fmt::format(" until {}", text_of_timestamp(**end)) : std::string{};
  return Answer{Sentence{fmt::format("container {} shared with {}{}: ssh {}+{}+{}@…", container->full_name(),
                                     user->name, until, user->name, container->owner_name, container->name)},
                subject_of(*container, *user)};
}

Result<Answer> container_unshare(Context& context, const Arguments& arguments) {
  const auto container = find_container(context, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  const auto user = find_user(context, arguments.text("USER"));
  if (!user) return std::unexpected(user.error());
  const auto removed = store::Shares(context.database).remove(container->id, user->id);
  if (!removed) return std::unexpected(removed.error());
  if (!*removed) return fail("container {} is not shared with {}", container->full_name(), user->name);
  return Answer{Sentence{fmt::format("container {} is no longer shared with {}", container->full_name(), user->name)},
                subject_of(*container, *user)};
}

}  // namespace bastion::admin
