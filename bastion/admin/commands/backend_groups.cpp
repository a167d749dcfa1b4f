#include "bastion/admin/commands/backend_groups.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/some_of.h"
#include "store/groups.h"

namespace bastion::admin {
namespace {

constexpr std::string_view kGroupsOption = "--groups";

}  // namespace

Result<std::string> set_groups(Context& context, const Arguments& arguments, const store::Backend& backend) {
  const auto given = arguments.optional(kGroupsOption);
  if (!given) return std::string{};
  const auto names = names_of_list(*given);
  for (const auto& name : names) {
    if (const auto group = find_group(context, name); !group) return std::unexpected(group.error());
  }
  store::Groups groups(context.database);
  if (auto set = groups.set_backend(backend.id, names); !set) return std::unexpected(set.error());
  const auto others = groups.not_served_on(backend.id);
  if (!others) return std::unexpected(others.error());
  if (others->empty()) return std::string{};
  return fmt::format("nobody gets into {} any more, whose owners are in none of these groups", some_of(*others));
}

Result<Cell> groups_cell(Context& context, const store::Backend& backend) {
  const auto names = store::Groups(context.database).of_backend(backend.id);
  if (!names) return std::unexpected(names.error());
  return names->empty() ? Cell(nullptr) : Cell(fmt::format("{}", fmt::join(*names, ",")));
}

Result<> must_serve(Context& context, const store::Backend& backend, const store::User& owner) {
  store::Groups groups(context.database);
  const auto serves = groups.serves(backend.id, owner.id);
  if (!serves) return std::unexpected(serves.error());
  if (*serves) return {};
  const auto names = groups.of_backend(backend.id);
  if (!names) return std::unexpected(names.error());
  return fail("backend {} serves only group {}, and {} is not in it: `group join` changes that", backend.name,
              some_of(*names), owner.name);
}

std::string groups_in_audit(const Arguments& arguments) {
  const auto given = arguments.optional(kGroupsOption);
  return given ? fmt::format("; groups {}", *given) : std::string{};
}

}  // namespace bastion::admin
