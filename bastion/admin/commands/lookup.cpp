#include "bastion/admin/commands/lookup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "bastion/admin/manifest/some_of.h"
#include "bastion/base/nearest.h"
#include "store/audit.h"
#include "store/sessions.h"

namespace bastion::admin {

using store::Container;

namespace {

// `found` is the error that there is none.
std::unexpected<Error> none_but_near(const Error& found, std::string_view name, const std::vector<std::string>& names) {
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const auto meant = nearest(name, candidates);
  return meant ? fail("{}, did you mean {}?", found.text, *meant) : std::unexpected(found);
}

template <typename Rows>
std::vector<std::string> names_in_rows(const Result<Rows>& rows) {
  std::vector<std::string> names;
  if (!rows) return names;
  for (const auto& row : *rows) names.push_back(row.name);
  return names;
}

// Who reads nothing about others is not told who there is either.
bool is_told_nothing(const Context& context) { return context.role == store::Role::user; }

// Not users, but actors in the audit.
constexpr std::array<std::string_view, 2> kOthers{"local", "-"};

}  // namespace

Result<store::User> find_user(Context& context, std::string_view name) {
  store::Users users(context.database);
  auto user = users.get(name);
  return user || is_told_nothing(context) ? user : none_but_near(user.error(), name, names_in_rows(users.all()));
}

Result<store::Group> find_group(Context& context, std::string_view name) {
  store::Groups groups(context.database);
  auto group = groups.get(name);
  if (group || is_told_nothing(context)) return group;
  std::vector<std::string> names;
  if (const auto all = groups.all()) {
    for (const auto& one : *all) names.push_back(one.group.name);
  }
  return none_but_near(group.error(), name, names);
}

Result<store::Backend> find_backend(Context& context, std::string_view name) {
  store::Backends backends(context.database);
  auto backend = backends.get(name);
  return backend ? backend : none_but_near(backend.error(), name, names_in_rows(backends.all()));
}

Result<> must_be_in_history(Context& context, std::string_view name) {
  if (std::ranges::find(kOthers, name) != kOthers.end()) return {};
  const auto user = find_user(context, name);
  if (user) return {};
  const auto rows = store::Audit(context.database).latest_of(name, 1);
  if (!rows) return std::unexpected(rows.error());
  const auto sessions = store::Sessions(context.database).latest(name, 1);
  if (!sessions) return std::unexpected(sessions.error());
  return rows->empty() && sessions->empty() ? std::unexpected(user.error()) : Result<>{};
}

Result<Container> find_container(Context& context, std::string_view reference) {
  const auto slash = reference.find('/');
  const auto name = slash == std::string_view::npos ? reference : reference.substr(slash + 1);
  auto found = store::Containers(context.database).named(name);
  if (!found) return std::unexpected(std::move(found.error()));
  if (slash != std::string_view::npos) {
    std::erase_if(*found, [&](const Container& one) { return one.owner_name != reference.substr(0, slash); });
  }
  if (found->empty()) {
    std::vector<std::string> names;
    if (const auto all = store::Containers(context.database).all()) {
      for (const auto& one : *all) names.push_back(slash == std::string_view::npos ? one.name : one.full_name());
    }
    return none_but_near({fmt::format("there is no container {}", reference)}, reference, names);
  }
  if (found->size() > 1) {
    return fail("several containers are named {}; name one: {}", reference, some_of(names_of(*found)));
  }
  return std::move(found->front());
}

Result<Host> find_host(Context& context, std::string_view reference) {
  if (reference.find('/') == std::string_view::npos) {
    store::Backends backends(context.database);
    const auto backend = backends.find(reference);
    if (!backend) return std::unexpected(backend.error());
    const auto named = store::Containers(context.database).named(reference);
    if (!named) return std::unexpected(named.error());
    if (*backend) {
      return Host{.owner = store::HostKeyOwner::of_backend((*backend)->id),
                  .machine = fmt::format("backend {}", reference),
                  .name = (*backend)->name,
                  .note = named->empty() ? ""
                                         : fmt::format("this is backend {}; a container of that name is {}", reference,
                                                       some_of(names_of(*named)))};
    }
    if (named->empty()) {
      auto names = names_in_rows(backends.all());
      std::ranges::copy(names_in_rows(store::Containers(context.database).all()), std::back_inserter(names));
      return none_but_near({fmt::format("there is no backend and no container {}", reference)}, reference, names);
    }
  }
  const auto container = find_container(context, reference);
  if (!container) return std::unexpected(container.error());
  return Host{.owner = store::HostKeyOwner::of_container(container->id),
              .machine = fmt::format("container {}", container->full_name()),
              .name = container->full_name(),
              .note = {}};
}

bool leads_to(const session::LiveSession& session, const std::set<std::string>& places) {
  return places.contains(session.container) ||
         std::ranges::any_of(session.tunnels, [&](const auto& place) { return places.contains(place); });
}

}  // namespace bastion::admin
