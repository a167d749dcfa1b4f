#include "bastion/admin/commands/record_policy.h"

#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

Result<> set_record(Context& context, const Arguments& arguments, std::int64_t row, SetRecordPolicy set) {
  const auto said = arguments.optional("--record");
  if (!said) return {};
  store::RecordPolicies policies(context.database);
  return (policies.*set)(row, record_of(*said));
}

std::string record_in(const Arguments& arguments) {
  const auto said = arguments.optional("--record");
  return said ? " --record " + *said : std::string{};
}

}  // namespace bastion::admin
