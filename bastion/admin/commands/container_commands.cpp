#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/admin/commands/backend_groups.h"
#include "bastion/admin/commands/container_place.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/host_key.h"
#include "bastion/admin/commands/legacy.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/commands/new_container.h"
#include "bastion/admin/commands/record_policy.h"
#include "bastion/admin/commands/sftp_policy.h"
#include "bastion/admin/commands/source.h"
#include "bastion/admin/commands/wake.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/grammar/page.h"
#include "bastion/admin/grammar/tables.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/pinned_key.h"
#include "bastion/admin/manifest/some_of.h"
#include "bastion/transport/keys.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/host_keys.h"
#include "store/record_policies.h"
#include "store/sftp_policies.h"
#include "store/shares.h"
#include "store/users.h"
#include "store/wakes.h"

namespace bastion::admin {
namespace {

using store::Backend;
using store::Container;
using store::HostKeyOwner;

// Another account in a machine that is known comes with the host key it has, or says nothing about it.
Result<> agree_on_host_key(Context& context, const Arguments& arguments, std::int64_t container) {
  const auto known = store::HostKeys(context.database).of(HostKeyOwner::of_container(container));
  if (!known) return std::unexpected(known.error());
  for (const auto& given : arguments.keys("--host-key")) {
    const bool is_known = std::ranges::find(*known, given.named.key.blob, &store::HostKey::blob) != known->end();
    if (!known->empty() && !is_known) {
      return fail("this machine is known already, with the host key {}: leave out --host-key, or change that one first",
                  transport::fingerprint(known->front().blob));
    }
  }
  return {};
}

Result<> set_command(Context& context, Container& container, const Arguments& arguments) {
  if (!arguments.given("--command")) return {};
  const auto backend = find_backend(context, container.backend_name);
  if (!backend) return std::unexpected(backend.error());
  return put_on(container, *backend, arguments);
}

}  // namespace

std::vector<std::string> sessions_in(const Context& context, const std::string& container) {
  std::vector<std::string> ids;
  if (!context.snapshot.sessions) return ids;
  for (const auto& session : *context.snapshot.sessions) {
    if (leads_to(session, {container})) ids.push_back(session.id);
  }
  return ids;
}

std::string ended(std::size_t sessions) {
  return sessions == 1 ? "1 session ended" : fmt::format("{} sessions ended", sessions);
}

Result<std::vector<Container>> accounts_of_machine(Context& context, const Container& container) {
  auto there = store::Containers(context.database).on_backend(container.backend);
  if (!there) return there;
  std::erase_if(*there, [&](const Container& one) {
    return one.address != container.address || one.port != container.port || one.command != container.command;
  });
  return there;
}

RuntimeQuery ask_whom_to_kick(const Arguments& arguments) {
  return arguments.given("--kick") ? RuntimeQuery(SessionsQuery{}) : RuntimeQuery{};
}

Result<Answer> container_add(Context& context, const Arguments& arguments) {
  auto container = described(context, arguments);
  if (!container) return std::unexpected(container.error());
  const auto id = store::Containers(context.database).add(*container);
  if (!id) return std::unexpected(id.error());
  container->id = *id;
  if (auto set = set_wake(context, arguments, *container); !set) return std::unexpected(set.error());
  if (auto set = set_sftp(context, arguments, *id, &store::SftpPolicies::set_container); !set)
    return std::unexpected(set.error());
  if (auto agreed = agree_on_host_key(context, arguments, *id); !agreed) return std::unexpected(agreed.error());
  if (auto pinned = pin_given_too(context, arguments, HostKeyOwner::of_container(*id)); !pinned)
    return std::unexpected(pinned.error());
  const auto where = arguments.given("--auto-place") ? fmt::format(" on backend {}", container->backend_name) : "";
  const auto choice = new_choice(context, *container);
  if (!choice) return std::unexpected(choice.error());
  Answer answer{Sentence{fmt::format("container {} added{}{}", container->full_name(), where, *choice)},
                audited(container->full_name(), arguments) + wake_of_container(arguments) + sftp_in(arguments)};
  answer.note = note_on(*container);
  return answer;
}

Result<Answer> container_list(Context& context, const Arguments& arguments) {
  const PageWanted page(context, arguments);
  store::ContainerFilter filter;
  if (const auto name = arguments.optional("--owner")) {
    const auto owner = find_user(context, *name);
    if (!owner) return std::unexpected(owner.error());
    filter.owner = owner->id;
  }
  if (const auto name = arguments.optional("--backend")) {
    const auto backend = find_backend(context, *name);
    if (!backend) return std::unexpected(backend.error());
    filter.backend = backend->id;
  }
  const auto containers = store::Containers(context.database).some(filter, page.after(), page.rows());
  if (!containers) return std::unexpected(containers.error());
  auto table = table_with_states(context, *containers);
  if (!table) return std::unexpected(table.error());
  return page.answer(*std::move(table), [](const std::vector<Cell>& row) {
    return fmt::format("{}/{}", row[1].get<std::string>(), row[0].get<std::string>());
  });
}

Result<Answer> container_show(Context& context, const Arguments& arguments) {
  const auto container = find_container(context, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  auto host_keys = shown_host_keys(context, HostKeyOwner::of_container(container->id));
  if (!host_keys) return std::unexpected(host_keys.error());
  const auto wakes = store::Wakes(context.database).of_container(container->id);
  if (!wakes) return std::unexpected(wakes.error());
  const auto sftp = store::SftpPolicies(context.database).of_container(container->id);
  if (!sftp) return std::unexpected(sftp.error());
  const auto record = store::RecordPolicies(context.database).of_container(container->id);
  if (!record) return std::unexpected(record.error());
  const auto sighting = shown_sighting(context, container->id);
  if (!sighting) return std::unexpected(sighting.error());
  const auto shares = store::Shares(context.database).of_container(container->id);
  if (!shares) return std::unexpected(shares.error());
  Table shared{{"user", "group", "expires", "state"}, {}};
  for (const auto& share : *shares) {
    const bool ended = share.expires_at && *share.expires_at <= context.now;
    shared.rows.push_back({share.user.empty() ? Cell(nullptr) : Cell(share.user),
                           share.group.empty() ? Cell(nullptr) : Cell(share.group), timestamp_cell(share.expires_at),
                           ended ? "ended" : "open"});
  }
  Answer answer{Record{{{"name", Cell(container->name)},
                        {"owner", Cell(container->owner_name)},
                        {"backend", Cell(container->backend_name)},
                        {"address", container->is_by_command() ? Cell(nullptr) : Cell(container->place())},
                        {"command", container->is_by_command() ? Cell(container->command) : Cell(nullptr)},
                        {"login", Cell(container->account)},
                        {"default", Cell(container->is_plain_login)},
                        {"legacy", Cell(container->is_legacy)},
                        {"identity", Cell(text_of(container->presents))},
                        {"wake", Cell(*wakes)},
                        {"sftp", Cell(*sftp)},
                        {"record", record_cell(*record)},
                        {"state", sighting->state},
                        {"seen", sighting->seen},
                        {"not_followed_because", sighting->drift},
                        {"host_key", host_keys->host_key},
                        {"refused_host_key", host_keys->refused_host_key},
                        {"host_key_alias", host_keys->alias},
                        {"created", timestamp_cell(container->created_at)},
                        {"shares", std::move(shared)}}}};
  answer.note = std::move(host_keys->note);
  return answer;
}

Result<Answer> container_set(Context& context, const Arguments& arguments) {
  auto container = find_container(context, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  if (arguments.given("--default") && arguments.given("--no-default")) {
    return fail("--default and --no-default are mutually exclusive");
  }
  if (arguments.given("--default")) container->is_default = true;
  if (arguments.given("--no-default")) container->is_default = false;
  if (const auto login = arguments.optional("--login")) container->account = *login;
  if (auto set = set_legacy(arguments, container->is_legacy); !set) return std::unexpected(set.error());
  set_identity(arguments, container->presents);
  if (auto set = set_command(context, *container, arguments); !set) return std::unexpected(set.error());
  if (auto updated = store::Containers(context.database).update(*container); !updated) {
    return std::unexpected(updated.error());
  }
  if (auto set = set_wake(context, arguments, *container); !set) return std::unexpected(set.error());
  if (auto set = set_sftp(context, arguments, container->id, &store::SftpPolicies::set_container); !set)
    return std::unexpected(set.error());
  if (auto set = set_record(context, arguments, container->id, &store::RecordPolicies::set_container); !set)
    return std::unexpected(set.error());
  if (auto pinned = pin_given(context, arguments, HostKeyOwner::of_container(container->id)); !pinned)
    return std::unexpected(pinned.error());
  Answer answer{Sentence{fmt::format("container {} changed", container->full_name())},
                audited(container->full_name(), arguments) + wake_of_container(arguments) + sftp_in(arguments) +
                    record_in(arguments)};
  if (!container->is_by_command() || arguments.given("--command")) answer.note = note_on(*container);
  return answer;
}

Result<Answer> container_move(Context& context, const Arguments& arguments) {
  auto container = find_container(context, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  const auto backend = find_backend(context, arguments.text("--backend"));
  if (!backend) return std::unexpected(backend.error());
  const store::User owner_of_it{.id = container->owner, .name = container->owner_name};
  if (backend->id != container->backend) {
    if (auto served = must_serve(context, *backend, owner_of_it); !served) return std::unexpected(served.error());
  }
  const auto before = place_of(*container);
  const access::ContainerPlace left{.container = container->id,
                                    .backend = container->backend,
                                    .address = container->address,
                                    .port = container->port,
                                    .command = container->command};
  if (auto there = put_on(*container, *backend, arguments); !there) return std::unexpected(there.error());
  const auto after = place_of(*container);
  if (before == after) {
    return Answer{Sentence{fmt::format("container {} was at {} already", container->full_name(), after)},
                  container->full_name()};
  }
  const auto owner = HostKeyOwner::of_container(container->id);
  store::HostKeys host_keys(context.database);
  const auto known = host_keys.of(owner);
  if (!known) return std::unexpected(known.error());
  if (auto updated = store::Containers(context.database).update(*container); !updated) {
    return std::unexpected(updated.error());
  }
  // What was learned belongs to the place it was learned at; what was pinned belongs to the container.
  if (auto pinned = pin_given(context, arguments, owner); !pinned) return std::unexpected(pinned.error());
  if (!arguments.given("--host-key")) {
    if (auto came = have_come_along(host_keys, owner, *known); !came) return std::unexpected(came.error());
  }
  const auto known_there = host_keys.of(owner);
  if (!known_there) return std::unexpected(known_there.error());
  Answer answer{Sentence{}, container->full_name()};
  answer.note = note_on(*container);
  // Who came to the old place between that list and the change, or is on her way there still, has to go too.
  if (arguments.given("--kick")) {
    answer.effects.ends = sessions_in(context, container->full_name());
    answer.effects.vacated = left;
  }
  answer.effects.end = {Reason::container_moved, container->full_name(), {}};
  answer.content = Sentence{fmt::format(
      "container {} moved to {}{}{}", container->full_name(), after,
      !known->empty() && known_there->empty() ? "; the host key it presents there at the next login is remembered" : "",
      arguments.given("--kick") ? "; " + ended(answer.effects.ends.size()) : "")};
  return answer;
}

Result<Answer> container_forget_host_key(Context& context, const Arguments& arguments) {
  const auto container = find_container(context, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  const auto owner = HostKeyOwner::of_container(container->id);
  return forget_host_key(context, owner, fmt::format("container {}", container->full_name()), container->full_name());
}

Result<Answer> container_remove(Context& context, const Arguments& arguments) {
  const auto container = find_container(context, arguments.text("NAME"));
  if (!container) return std::unexpected(container.error());
  const auto shares = store::Shares(context.database).of_container(container->id);
  if (!shares) return std::unexpected(shares.error());
  std::vector<std::string> users;
  for (const auto& share : *shares) users.push_back(share.user.empty() ? "group " + share.group : share.user);
  if (!users.empty() && !arguments.given(kYesOption)) {
    return ask_for_yes(context, fmt::format("Remove {}, also for {}?", container->full_name(), some_of(users)),
                       fmt::format("container {} is shared with {}: --yes removes it for them too",
                                   container->full_name(), some_of(users)));
  }
  if (auto removed = store::Containers(context.database).remove(container->id); !removed) {
    return std::unexpected(removed.error());
  }
  return Answer{Sentence{fmt::format("container {} removed", container->full_name())}, container->full_name()};
}

}  // namespace bastion::admin
