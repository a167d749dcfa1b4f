#include "bastion/admin/commands/legacy.h"

namespace bastion::admin {

Result<> set_legacy(const Arguments& arguments, bool& is_legacy) {
  const bool on = arguments.given("--legacy");
  const bool off = arguments.given("--no-legacy");
  if (on && off) return fail("--legacy and --no-legacy are mutually exclusive");
  if (on || off) is_legacy = on;
  return {};
}

std::string audited(const std::string& name, const Arguments& arguments) {
  return arguments.given("--legacy")      ? name + " --legacy"
         : arguments.given("--no-legacy") ? name + " --no-legacy"
                                          : name;
}

}  // namespace bastion::admin
