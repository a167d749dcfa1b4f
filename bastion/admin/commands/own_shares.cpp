// The containers somebody may enter, where they land, and with whom they share what is theirs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>
#include <utility>
#include <vector>

#include "bastion/access/admission.h"
#include "bastion/access/landing.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/own.h"
#include "bastion/admin/commands/sharing.h"
#include "store/containers.h"
#include "store/shares.h"

namespace bastion::admin {
namespace {

// Whoever has more to share with makes a group of them.
constexpr std::size_t kMostShares = 256;

// What stands before the @.
std::string target_of(const store::Container& container, const Own& own) {
  if (container.owner == own.who.user) return fmt::format("{}+{}", own.who.name, container.name);
  return fmt::format("{}+{}+{}", own.who.name, container.owner_name, container.name);
}

// Of their own: with whom it is shared.
Result<Cell> sharers_of(Context& context, const store::Container& container, const Own& own) {
  if (container.owner != own.who.user) return Cell(nullptr);
  const auto shares = store::Shares(context.database).of_container(container.id);
  if (!shares) return std::unexpected(shares.error());
  std::vector<std::string> names;
  for (const auto& share : *shares) {
    if (share.expires_at && *share.expires_at <= context.now) continue;
    names.push_back(share.user.empty() ? "group " + share.group : share.user);
  }
  return names.empty() ? Cell(nullptr) : Cell(fmt::format("{}", fmt::join(names, ", ")));
}

}  // namespace

Result<Answer> own_container_list(Context& context, const Arguments& /*arguments*/) {
  const auto own = own_of(context);
  if (!own) return std::unexpected(own.error());
  const auto open = store::Containers(context.database).open_to({own->who.user, own->who.name}, context.now);
  if (!open) return std::unexpected(open.error());
  Table table{{"container", "login", "default", "shared_with", "until"}, {}, "you may enter no container"};
  const auto* const landing = access::landing(*open, own->who.user);
  for (const auto& container : *open) {
    const auto sharers = sharers_of(context, container, *own);
    if (!sharers) return std::unexpected(sharers.error());
    table.rows.push_back({container.full_name(), target_of(container, *own) + "@", &container == landing, *sharers,
                          timestamp_cell(container.shared_until)});
  }
  return Answer{std::move(table)};
}

Result<Answer> own_container_default(Context& context, const Arguments& arguments) {
  const auto own = own_of(context);
  if (!own) return std::unexpected(own.error());
  auto container = own_container(context, *own, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  container->is_default = true;
  if (auto updated = store::Containers(context.database).update(*container); !updated) {
    return std::unexpected(updated.error());
  }
  return Answer{Sentence{fmt::format("you land in {} from now on", container->name)}, container->full_name()};
}

// Whoever is let in so may all that their own account may, for as long as it may.
Result<Answer> own_share(Context& context, const Arguments& arguments) {
  const auto own = own_of(context);
  if (!own) return std::unexpected(own.error());
  if (auto may = must_be_unlimited(*own, "a share"); !may) return std::unexpected(may.error());
  const auto container = own_container(context, *own, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  const auto with = sharer_in(context, arguments);
  if (!with) return std::unexpected(with.error());
  const auto end = end_of_share(context, arguments);
  if (!end) return std::unexpected(end.error());
  const auto there = store::Shares(context.database).of_container(container->id);
  if (!there) return std::unexpected(there.error());
  if (there->size() >= kMostShares) {
    return fail("container {} is shared with {} already: share it with a group", container->name, there->size());
  }
  return share(context, *container, *with, access::earlier(*end, own->until));
}

Result<Answer> own_unshare(Context& context, const Arguments& arguments) {
  const auto own = own_of(context);
  if (!own) return std::unexpected(own.error());
  const auto container = own_container(context, *own, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  const auto with = sharer_in(context, arguments);
  if (!with) return std::unexpected(with.error());
  return unshare(context, *container, *with);
}

}  // namespace bastion::admin
