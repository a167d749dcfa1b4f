#include "bastion/admin/grammar/right.h"

namespace bastion::admin {

std::string_view who_may(store::Role least) {
  switch (least) {
    case store::Role::user: return "everybody";
    case store::Role::auditor: return "auditors, operators and administrators";
    case store::Role::operator_: return "operators and administrators";
    case store::Role::admin: break;
  }
  return "administrators";
}

Result<> must_have_right(const Command& command, const Arguments& arguments, store::Role role) {
  if (role == store::Role::user && command.role != role) return fail("{} is for administrators", command.words);
  if (role < command.role) return fail("{} is for {}", command.words, who_may(command.role));
  for (const auto& parameter : command.parameters) {
    if (role >= parameter.role || !arguments.given(parameter.name)) continue;
    return fail("{} of {} is for {}", parameter.name, command.words, who_may(parameter.role));
  }
  return {};
}

}  // namespace bastion::admin
