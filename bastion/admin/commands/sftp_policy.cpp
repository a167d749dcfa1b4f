#include "bastion/admin/commands/sftp_policy.h"

namespace bastion::admin {

Result<> set_sftp(Context& context, const Arguments& arguments, std::int64_t row, SetSftpPolicy set) {
  const auto policy = arguments.optional("--sftp");
  if (!policy) return {};
  store::SftpPolicies policies(context.database);
  return (policies.*set)(row, *policy);
}

std::string sftp_in(const Arguments& arguments) {
  const auto policy = arguments.optional("--sftp");
  return policy ? " --sftp " + *policy : std::string{};
}

}  // namespace bastion::admin
