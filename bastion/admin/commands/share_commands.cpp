#include <fmt/format.h>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/commands/sharing.h"
#include "bastion/admin/manifest/timestamp.h"
#include "store/shares.h"

namespace bastion::admin {
namespace {

std::string subject_of(const store::Container& container, const Sharer& with) {
  return fmt::format("{} {}", container.full_name(), with.text());
}

}  // namespace

Result<Sharer> sharer_in(Context& context, const Arguments& arguments) {
  if (const auto name = arguments.optional("--group")) {
    auto group = find_group(context, *name);
    if (!group) return std::unexpected(std::move(group.error()));
    return Sharer{.user = {}, .group = *std::move(group)};
  }
  auto user = find_user(context, arguments.text("USER"));
  if (!user) return std::unexpected(std::move(user.error()));
  return Sharer{.user = *std::move(user), .group = {}};
}

Result<std::optional<std::int64_t>> end_of_share(const Context& context, const Arguments& arguments) {
  const auto expires = arguments.optional("--expires");
  if (!expires) return std::nullopt;
  const auto timestamp = parse_timestamp(*expires, context.now);
  if (!timestamp) return std::unexpected(timestamp.error());
  if (*timestamp <= context.now) return fail("{} is past: the container would never be shared", *expires);
  return *timestamp;
}

Result<Answer> share(Context& context, const store::Container& container, const Sharer& with,
                     std::optional<std::int64_t> end) {
  if (with.user && with.user->id == container.owner) {
    return fail("container {} is {}'s own", container.full_name(), with.user->name);
  }
  store::Shares shares(context.database);
  const auto shared =
      with.user ? shares.add(container.id, with.user->id, end) : shares.add_group(container.id, with.group->id, end);
  if (!shared) return std::unexpected(shared.error());
  const auto until = end ? fmt::format(" until {}", text_of_timestamp(*end)) : std::string{};
  const auto who = with.user ? with.user->name : "USER";
  return Answer{Sentence{fmt::format("container {} shared with {}{}: ssh {}+{}+{}@…", container.full_name(),
                                     with.text(), until, who, container.owner_name, container.name)},
                subject_of(container, with)};
}

Result<Answer> unshare(Context& context, const store::Container& container, const Sharer& with) {
  store::Shares shares(context.database);
  const auto removed =
      with.user ? shares.remove(container.id, with.user->id) : shares.remove_group(container.id, with.group->id);
  if (!removed) return std::unexpected(removed.error());
  if (!*removed) return fail("container {} is not shared with {}", container.full_name(), with.text());
  return Answer{Sentence{fmt::format("container {} is no longer shared with {}", container.full_name(), with.text())},
                subject_of(container, with)};
}

Result<Answer> container_share(Context& context, const Arguments& arguments) {
  const auto container = find_container(context, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  const auto with = sharer_in(context, arguments);
  if (!with) return std::unexpected(with.error());
  const auto end = end_of_share(context, arguments);
  if (!end) return std::unexpected(end.error());
  return share(context, *container, *with, *end);
}

Result<Answer> container_unshare(Context& context, const Arguments& arguments) {
  const auto container = find_container(context, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  const auto with = sharer_in(context, arguments);
  if (!with) return std::unexpected(with.error());
  return unshare(context, *container, *with);
}

}  // namespace bastion::admin
