// `container start`, `stop`, `restart` and `delete`: what is done to the instance on its backend.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/admin/commands/audit_row.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/instance.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/commands/new_container.h"
#include "bastion/admin/commands/restraint.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/grammar/runtime.h"
#include "bastion/admin/manifest/some_of.h"
#include "bastion/follow/source.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/shares.h"
#include "store/sources.h"
#include "store/wakes.h"

namespace bastion::admin {
namespace {

using Verdict = Told::Verdict;

struct InMachine {
  store::Container container;
  std::vector<store::Container> accounts;  // in the same machine, itself too
  bool wakes = false;
};

// This one, and those that are members of the same cluster, as far as a source says so.
Result<std::set<std::string>> backends_of_cluster(Context& context, const std::string& backend) {
  const auto sources = store::Sources(context.database).all();
  if (!sources) return std::unexpected(sources.error());
  std::set<std::string> cluster{backend};
  for (const auto& one : *sources) {
    const auto source = follow::parse_source(one.text);
    if (!source) return std::unexpected(source.error());
    std::set<std::string> members{one.name};
    for (const auto& [member, name] : source->members) members.insert(name);
    if (members.contains(backend)) cluster.merge(members);
  }
  return cluster;
}

// The daemon knows an instance by its name: whoever has a container of that name there may be meant.
Result<> may_act_on_instance(Context& context, const InMachine& machine) {
  const auto cluster = backends_of_cluster(context, machine.container.backend_name);
  if (!cluster) return std::unexpected(cluster.error());
  auto concerned = store::Containers(context.database).named(machine.container.name);
  if (!concerned) return std::unexpected(concerned.error());
  std::erase_if(*concerned, [&](const store::Container& one) { return !cluster->contains(one.backend_name); });
  concerned->insert(concerned->end(), machine.accounts.begin(), machine.accounts.end());
  std::vector<std::string> sessions;
  for (const auto& account : machine.accounts) {
    const auto there = sessions_in(context, account.full_name());
    sessions.insert(sessions.end(), there.begin(), there.end());
  }
  return may_act_on(context, *concerned, sessions);
}

Result<InMachine> find_machine(Context& context, const Arguments& arguments) {
  return context.database.view([&]() -> Result<InMachine> {
    auto container = find_container(context, arguments.text("NAME"));
    if (!container) return std::unexpected(container.error());
    const auto backend = find_backend(context, container->backend_name);
    if (!backend) return std::unexpected(backend.error());
    if (backend->route == store::RouteKind::direct) {
      return fail("the bastion does not log in to backend {}, so it can do nothing to what runs there", backend->name);
    }
    if (auto named = Instance::check_name(container->name); !named) return std::unexpected(named.error());
    auto accounts = accounts_of_machine(context, *container);
    if (!accounts) return std::unexpected(accounts.error());
    const auto wakes = store::Wakes(context.database).of_container(container->id);
    if (!wakes) return std::unexpected(wakes.error());
    InMachine machine{*std::move(container), *std::move(accounts), *wakes};
    if (auto may = may_act_on_instance(context, machine); !may) return std::unexpected(may.error());
    return machine;
  });
}

// Sessions end before that is done to the machine which would end them without a word.
struct Ended {
  std::vector<std::string> sessions;
  std::string missing;  // bastions of the fleet that have not said that it is done
};

Ended end_sessions(Context& context, const InMachine& machine, Reason reason) {
  Ended all;
  for (const auto& account : machine.accounts) {
    SessionEffects effects{.ends = sessions_in(context, account.full_name()),
                           .vacated = access::ContainerPlace{.container = account.id,
                                                             .backend = account.backend,
                                                             .address = account.address,
                                                             .port = account.port,
                                                             .command = account.command},
                           .end = {reason, account.full_name(), {}}};
    all.sessions.insert(all.sessions.end(), effects.ends.begin(), effects.ends.end());
    all.missing = context.runtime->take_effect(effects);
  }
  return all;
}

std::string subject_of(const InMachine& machine, const Ended& gone) {
  auto subject = fmt::format("{} on backend {}", machine.container.full_name(), machine.container.backend_name);
  for (std::size_t i = 0; i < gone.sessions.size(); ++i) {
    subject += (i == 0 ? "; sessions ended: " : ", ") + gone.sessions[i];
  }
  return subject;
}

Result<> written(Context& context, std::string_view action, const std::string& subject) {
  return context.database.change_here([&] { return write_audit(context, action, subject); });
}

// Where nobody serves, tell() says so; and nothing was ended.
Result<> refused(const Told& told) { return fail("{}; nothing was done", told.why); }

// Stop and restart.
struct Interruption {
  Instance::Change change;
  std::string_view action;
  std::string_view participle;
  Reason reason;
};

Result<Answer> interrupt(Context& context, const Arguments& arguments, const Interruption& how) {
  const auto machine = find_machine(context, arguments);
  if (!machine) return std::unexpected(machine.error());
  const auto& container = machine->container;
  Instance instance(context, container.backend_name, container.name);
  if (const auto tried = instance.try_change(how.change); !tried.is_done()) {
    return std::unexpected(refused(tried).error());
  }
  const auto gone = end_sessions(context, *machine, how.reason);
  const auto told = instance.make(how.change);
  const auto done = ended(gone.sessions.size());
  if (!told.is_done()) return fail("{}; {}", told.why, done);
  if (auto audited = written(context, how.action, subject_of(*machine, gone)); !audited) {
    return std::unexpected(audited.error());
  }
  Answer answer{Sentence{fmt::format("container {} {} on backend {}; {}", container.full_name(), how.participle,
                                     container.backend_name, done)}};
  answer.note = gone.missing;
  if (how.change == Instance::Change::stop && machine->wakes) {
    answer.note += fmt::format("{}the next login starts it again: container set {} --no-wake changes that",
                               answer.note.empty() ? "" : "; ", container.full_name());
  }
  return answer;
}

Result<> confirmed(Context& context, const Arguments& arguments, const InMachine& machine) {
  const auto& container = machine.container;
  if (machine.accounts.size() > 1) {
    std::vector<std::string> others;
    for (const auto& one : machine.accounts) {
      if (one.id != container.id) others.push_back(one.full_name());
    }
    return fail("{} is a machine that {} leads to as well: container remove takes that away first",
                container.full_name(), some_of(others));
  }
  if (arguments.given(kYesOption)) return {};
  const auto shares = context.database.view([&] { return store::Shares(context.database).of_container(container.id); });
  if (!shares) return std::unexpected(shares.error());
  std::vector<std::string> users;
  for (const auto& share : *shares) users.push_back(share.user);
  const auto also = users.empty() ? std::string{} : fmt::format(", also for {}", some_of(users));
  return ask_for_yes(
      context, fmt::format("Delete {} with everything in it{}?", container.full_name(), also),
      fmt::format("the instance {} on backend {} would be gone with everything in it{}: --yes deletes it",
                  container.name, container.backend_name, also));
}

Result<> remove_row(Context& context, const InMachine& machine, const std::string& subject) {
  return context.database.change([&]() -> Result<> {
    if (auto removed = store::Containers(context.database).remove(machine.container.id); !removed) return removed;
    return write_audit(context, "container delete", subject);
  });
}

}  // namespace

RuntimeQuery ask_whom_it_ends(const Arguments& /*arguments*/) { return SessionsQuery{}; }

Result<Answer> container_start(Context& context, const Arguments& arguments) {
  const auto machine = find_machine(context, arguments);
  if (!machine) return std::unexpected(machine.error());
  const auto& container = machine->container;
  const auto told = Instance(context, container.backend_name, container.name).make(Instance::Change::start);
  if (!told.is_done()) return fail("{}", told.why);
  if (auto audited = written(context, "container start", subject_of(*machine, {})); !audited) {
    return std::unexpected(audited.error());
  }
  return Answer{
      Sentence{fmt::format("container {} runs on backend {}", container.full_name(), container.backend_name)}};
}

Result<Answer> container_stop(Context& context, const Arguments& arguments) {
  return interrupt(context, arguments,
                   {Instance::Change::stop, "container stop", "stopped", Reason::container_stopped});
}

Result<Answer> container_restart(Context& context, const Arguments& arguments) {
  return interrupt(context, arguments,
                   {Instance::Change::restart, "container restart", "restarted", Reason::container_restarted});
}

Result<Answer> container_delete(Context& context, const Arguments& arguments) {
  const auto machine = find_machine(context, arguments);
  if (!machine) return std::unexpected(machine.error());
  if (auto yes = confirmed(context, arguments, *machine); !yes) return std::unexpected(yes.error());
  const auto& container = machine->container;
  Instance instance(context, container.backend_name, container.name);
  const auto tried = instance.try_change(Instance::Change::remove);
  const bool is_missing = tried.verdict == Verdict::missing;
  if (!tried.is_done() && !is_missing) return std::unexpected(refused(tried).error());
  const auto gone = end_sessions(context, *machine, Reason::container_removed);
  const auto done = ended(gone.sessions.size());
  if (!is_missing) {
    const auto told = instance.make(Instance::Change::remove);
    if (!told.is_done() && told.verdict != Verdict::missing) {
      return fail("{}; {}, and the directory has {} still: container delete {} tries it again", told.why, done,
                  container.full_name(), container.full_name());
    }
  }
  if (auto removed = remove_row(context, *machine, subject_of(*machine, gone)); !removed) {
    return fail(
        "the instance {} is gone from backend {}, and the directory still has it ({}): container remove {} "
        "takes it away",
        container.name, container.backend_name, removed.error().text, container.full_name());
  }
  Answer answer{Sentence{is_missing ? fmt::format("container {} removed; backend {} had no instance {} any more; {}",
                                                  container.full_name(), container.backend_name, container.name, done)
                                    : fmt::format("container {} deleted from backend {}; {}", container.full_name(),
                                                  container.backend_name, done)}};
  answer.note = gone.missing;
  return answer;
}

}  // namespace bastion::admin
