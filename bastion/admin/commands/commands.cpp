#include "bastion/admin/commands/commands.h"

#include <initializer_list>
#include <iterator>
#include <ranges>

#include "bastion/admin/commands/rows.h"

namespace bastion::admin {
namespace {

std::vector<Command> all_rows() {
  std::vector<Command> all;
  for (auto* const rows : {user_rows, group_rows, key_rows, backend_rows, container_rows, host_key_rows, ca_rows,
                           credential_rows, invite_rows, ban_rows, login_rows, fleet_rows, session_rows, history_rows,
                           document_rows, backup_rows, identity_rows, own_rows}) {
    std::ranges::move(rows(), std::back_inserter(all));
  }
  return all;
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> kCommands = all_rows();
  return kCommands;
}

}  // namespace bastion::admin
