#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/access/host.h"
#include "bastion/access/route.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/manifest/container_command.h"
#include "bastion/admin/manifest/old_identity.h"
#include "bastion/admin/manifest/some_of.h"
#include "bastion/base/endpoint.h"
#include "bastion/transport/keys.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/sources.h"
#include "store/wakes.h"

namespace bastion::admin {
namespace {

// The account that a line of authorized_keys is for, and what it is to allow there.
struct KeyLine {
  store::Presented presents;
  std::string account;
  std::string options;
};

// Whatever `restrict` takes away; a user is restricted at the bastion.
constexpr std::string_view kForContainers = "restrict,pty,agent-forwarding,port-forwarding,X11-forwarding,user-rc";

std::string any_port_of(const std::string& host) {
  return host.contains(':') ? fmt::format("[{}]:*", host) : host + ":*";
}

// Where a hop is asked to connect to: of what shares an address with its host, the port; of what has one of its own,
// whatever a user's forward names.
std::string reached_at(const store::Container& container) {
  const bool is_shared = access::is_loopback(container.address) || access::is_link_local(container.address);
  return is_shared ? Endpoint{container.address, container.port}.text() : any_port_of(container.address);
}

// What is connected to from this backend and no other: the backends behind it, and the containers.
Result<std::vector<std::string>> reached_from(Context& context, std::int64_t backend) {
  store::Backends backends(context.database);
  store::Containers containers(context.database);
  const auto all = backends.all();
  if (!all) return std::unexpected(all.error());
  std::vector<std::string> places;
  for (const auto& one : *all) {
    auto way = access::find_way(backends, one.id);
    if (!way) return std::unexpected(std::move(way.error()));
    if (!way->empty() && way->back().backend == backend) {
      const auto there = containers.on_backend(one.id);
      if (!there) return std::unexpected(there.error());
      for (const auto& container : *there) {
        if (!container.is_by_command()) places.push_back(reached_at(container));
      }
    }
    if (one.route != store::RouteKind::hop) continue;
    way->pop_back();  // itself
    if (!way->empty() && way->back().backend == backend) places.push_back(Endpoint{one.host, one.port}.text());
  }
  std::ranges::sort(places);
  const auto repeated = std::ranges::unique(places);
  places.erase(repeated.begin(), repeated.end());
  return places;
}

// What is run on this backend to reach containers, each once.
Result<std::vector<std::string>> run_on(Context& context, std::int64_t backend) {
  const auto there = store::Containers(context.database).on_backend(backend);
  if (!there) return std::unexpected(there.error());
  std::vector<std::string> commands;
  for (const auto& container : *there) {
    if (container.is_by_command()) commands.push_back(container.command);
  }
  std::ranges::sort(commands);
  const auto repeated = std::ranges::unique(commands);
  commands.erase(repeated.begin(), repeated.end());
  return commands;
}

// Whether the daemon there that runs containers is asked or told anything: then addresses come and go, so that none can
// be named, and what is asked for goes through one program (packaging/backend).
Result<bool> asks_daemon(Context& context, std::int64_t backend) {
  const auto source = store::Sources(context.database).of_backend(backend);
  if (!source) return std::unexpected(source.error());
  if (!source->empty()) return true;
  const auto there = store::Containers(context.database).on_backend(backend);
  if (!there) return std::unexpected(there.error());
  store::Wakes wakes(context.database);
  for (const auto& container : *there) {
    const auto wake = wakes.of_container(container.id);
    if (!wake) return std::unexpected(wake.error());
    if (*wake) return true;
  }
  return false;
}

// Whether bastion-instances does all that an account has to do there.
bool is_bound_to_instances(const std::vector<std::string>& commands, bool has_daemon) {
  return has_daemon && std::ranges::all_of(commands, [](const auto& one) { return leads_into_instance(one); });
}

// As authorized_keys(5) has it: nothing but a quotation mark means anything in one.
std::string quoted(const std::string& text) {
  std::string inside;
  for (const char c : text) inside += c == '"' ? std::string("\\\"") : std::string(1, c);
  return fmt::format("\"{}\"", inside);
}

constexpr std::string_view kOfInstances =
    "restrict,port-forwarding,command=\"/usr/local/bin/bastion-instances /etc/bastion-instances\"";

// An account may be bound to one command, and to no several.
std::string options_of_hop(const std::vector<std::string>& places, const std::vector<std::string>& commands,
                           bool has_daemon) {
  std::string options = "restrict";
  if (!places.empty() || commands.empty() || has_daemon) options += ",port-forwarding";
  for (const auto& place : has_daemon ? std::vector<std::string>{} : places) {
    options += fmt::format(",permitopen=\"{}\"", place);
  }
  if (commands.size() == 1 && !has_daemon) options += ",command=" + quoted(commands.front());
  return options;
}

// What those options leave open.
Result<std::string> note_on_commands(Context& context, const Host& host) {
  if (host.owner.container()) return std::string{};
  const auto backend = find_backend(context, host.name);
  if (!backend) return std::unexpected(backend.error());
  const auto commands = run_on(context, backend->id);
  if (!commands) return std::unexpected(commands.error());
  const auto has_daemon = asks_daemon(context, backend->id);
  if (!has_daemon) return std::unexpected(has_daemon.error());
  if (is_bound_to_instances(*commands, *has_daemon)) {
    return fmt::format(
        "what runs there is listed and changed by bastion-instances, which has to be there, with its file: "
        "docs/ADMIN.md has both{}",
        commands->empty() ? "" : "; a line `reach` of the file names what is reached by a command");
  }
  if (commands->size() + (*has_daemon ? 1 : 0) < 2) return std::string{};
  return fmt::format(
      "containers are reached by {} command{} there{}, and this account may run any: docs/SECURITY.md has a program "
      "for "
      "command= that lets it run these",
      commands->size(), commands->size() == 1 ? "" : "s",
      *has_daemon ? ", and what runs there is listed or started" : "");
}

Result<KeyLine> key_line_of(Context& context, const Host& host) {
  if (host.owner.container()) {
    const auto container = find_container(context, host.name);
    if (!container) return std::unexpected(container.error());
    return KeyLine{container->presents, container->account, std::string(kForContainers)};
  }
  const auto backend = find_backend(context, host.name);
  if (!backend) return std::unexpected(backend.error());
  const auto places = reached_from(context, backend->id);
  if (!places) return std::unexpected(places.error());
  const auto commands = run_on(context, backend->id);
  if (!commands) return std::unexpected(commands.error());
  const auto has_daemon = asks_daemon(context, backend->id);
  if (!has_daemon) return std::unexpected(has_daemon.error());
  if (is_bound_to_instances(*commands, *has_daemon)) {
    return KeyLine{backend->presents, backend->account, std::string(kOfInstances)};
  }
  return KeyLine{backend->presents, backend->account, options_of_hop(*places, *commands, *has_daemon)};
}

// The one that signs, and the one that is to.
std::vector<std::string> lines_of_ca(const PublicIdentity& identity) {
  std::vector<std::string> lines{transport::to_line(identity.ca, "bastion-ca")};
  if (!identity.next_ca.blob.empty()) lines.push_back(transport::to_line(identity.next_ca, "bastion-ca-next"));
  return lines;
}

Result<Lines> lines_for(Context& context, const PublicIdentity& identity, const Host& host) {
  const auto place = key_line_of(context, host);
  if (!place) return std::unexpected(place.error());
  if (place->presents == store::Presented::agent) {
    return fail("{} takes the keys of its users' own agents: nothing of the bastion's belongs into its authorized_keys",
                host.name);
  }
  Lines lines{"keys", {}};
  if (place->presents == store::Presented::certificate) {
    for (const auto& line : lines_of_ca(identity)) {
      lines.lines.push_back(
          fmt::format("cert-authority,principals=\"{}\",{} {}", place->account, place->options, line));
    }
    return lines;
  }
  for (const auto& key : identity.keys) {
    lines.lines.push_back(fmt::format("{} {}", place->options, transport::to_line(key, "bastion")));
  }
  return lines;
}

// Who is in the way of letting the old one go.
Result<std::string> note_on(Context& context, const PublicIdentity& identity) {
  if (identity.keys.size() < 2) return std::string{};
  const auto needing = needing_the_old_key(context.database, identity.keys.front());
  if (!needing) return std::unexpected(needing.error());
  if (needing->empty()) return std::string("the first one is new, and every login has taken it");
  return "the first one is new; " + some_of(*needing);
}

}  // namespace

Result<Answer> identity_show(Context& context, const Arguments& arguments) {
  const auto identity = context.identity();
  if (!identity) return std::unexpected(identity.error());
  const auto host = arguments.optional("HOST");
  if (identity->ca.blob.empty() && (host || arguments.given("--ca"))) {
    return fail("there is no CA yet: `bastion init` and `bastion serve` make it");
  }
  if (arguments.given("--ca")) {
    if (host) return fail("--ca and HOST are mutually exclusive");
    Answer answer{Lines{"keys", lines_of_ca(*identity)}};
    if (!identity->next_ca.blob.empty()) {
      answer.note = "the second one signs nothing before `bastion identity rotate --ca --finish`";
    }
    return answer;
  }
  auto note = note_on(context, *identity);
  if (!note) return std::unexpected(std::move(note.error()));
  if (host) {
    const auto found = find_host(context, *host);
    if (!found) return std::unexpected(found.error());
    auto lines = lines_for(context, *identity, *found);
    if (!lines) return std::unexpected(std::move(lines.error()));
    Answer answer{*std::move(lines)};
    answer.note = found->note.empty() ? *std::move(note) : found->note;
    auto on_commands = note_on_commands(context, *found);
    if (!on_commands) return std::unexpected(std::move(on_commands.error()));
    if (!on_commands->empty()) answer.note += (answer.note.empty() ? "" : "\n") + *on_commands;
    return answer;
  }
  Lines lines{"keys", {}};
  for (const auto& key : identity->keys) {
    const auto* const comment = key == identity->keys.front() ? "bastion" : "bastion-old";
    lines.lines.push_back(transport::to_line(key, comment));
  }
  Answer answer{std::move(lines)};
  answer.note = *std::move(note);
  return answer;
}

}  // namespace bastion::admin
