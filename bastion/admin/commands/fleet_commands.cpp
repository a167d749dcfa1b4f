#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "bastion/admin/commands/audit_row.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/grammar/tables.h"
#include "bastion/admin/manifest/timestamp.h"
#include "store/fleet/nodes.h"

namespace bastion::admin {
namespace {

using store::fleet::Node;
using store::fleet::Nodes;

constexpr std::chrono::milliseconds kPatienceOfFleet{3000};

Result<Nodes> nodes_of(const Context& context) {
  if (!context.fleet) return fail("this bastion is one of no fleet: the configuration has no [fleet]");
  return Nodes(context.fleet->database, kPatienceOfFleet);
}

const char* state_of(const Node& node) {
  if (node.removed_at) return "removed";
  return node.is_there ? "there" : "silent";
}

}  // namespace

Result<Answer> fleet_list(Context& context, const Arguments& /*arguments*/) {
  auto nodes = nodes_of(context);
  if (!nodes) return std::unexpected(nodes.error());
  const auto all = nodes->all();
  if (!all) return std::unexpected(all.error());
  Table table{{"node", "state", "version", "entry", "behind", "sessions", "since", "last_seen"},
              {},
              "no bastion of the fleet has been seen"};
  for (const auto& node : *all) {
    table.rows.push_back({node.name, state_of(node), node.last.version, node.last.number, node.behind,
                          node.last.sessions, timestamp_cell(node.last.since), timestamp_cell(node.seen_at)});
  }
  return Answer{std::move(table)};
}

// The fleet is told first: what is then not written down here was done all the same, and the error says so.
Result<Answer> fleet_remove(Context& context, const Arguments& arguments) {
  const auto& name = arguments.text("NODE");
  auto nodes = nodes_of(context);
  if (!nodes) return std::unexpected(nodes.error());
  if (name == context.fleet->node) return fail("{} is this bastion: remove it at another one", name);
  const auto all = nodes->all();
  if (!all) return std::unexpected(all.error());
  const auto node = std::ranges::find(*all, name, &Node::name);
  if (node == all->end()) return fail("there is no bastion {} in the fleet", name);
  if (node->removed_at) return fail("{} was removed from the fleet already", name);
  if (node->is_there && !arguments.given(kYesOption)) {
    return ask_for_yes(
        context, fmt::format("Remove {}, which is there and has {} sessions?", name, node->last.sessions),
        fmt::format("{} is there, and has {} sessions: --yes removes it all the same", name, node->last.sessions));
  }
  const auto removed = nodes->remove(name);
  if (!removed) return std::unexpected(removed.error());
  const auto written = context.database.change([&] { return write_audit(context, "fleet remove", name); });
  if (!written) return fail("{} was removed, but it is missing in the audit: {}", name, written.error().text);
  return Answer{Sentence{fmt::format("{} removed from the fleet", name)}, name};
}

}  // namespace bastion::admin
