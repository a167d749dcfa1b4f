#include "bastion/admin/commands/legacy.h"

#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

Result<> set_legacy(const Arguments& arguments, bool& is_legacy) {
  const bool on = arguments.given("--legacy");
  const bool off = arguments.given("--no-legacy");
  if (on && off) return fail("--legacy and --no-legacy are mutually exclusive");
  if (on || off) is_legacy = on;
  return {};
}

void set_identity(const Arguments& arguments, store::Presented& presents) {
  if (const auto given = arguments.optional("--identity")) presents = identity_of(*given);
}

std::string audited(const std::string& name, const Arguments& arguments) {
  auto subject = name;
  for (const auto* const flag : {"--legacy", "--no-legacy"}) {
    if (arguments.given(flag)) subject.append(" ").append(flag);
  }
  if (const auto identity = arguments.optional("--identity")) subject.append(" --identity ").append(*identity);
  return subject;
}

}  // namespace bastion::admin
