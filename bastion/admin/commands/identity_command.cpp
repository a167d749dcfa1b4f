#include "bastion/admin/commands/handlers.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {

Result<Answer> identity_show(Context& context, const Arguments& arguments) {
  const auto identity = context.identity();
  if (!identity) return std::unexpected(identity.error());
  if (arguments.given("--ca")) {
    if (identity->ca.blob.empty()) return fail("there is no CA yet: `bastion init` and `bastion serve` make it");
    return Answer{Lines{"keys", {transport::to_line(identity->ca, "bastion-ca")}}};
  }
  Lines lines{"keys", {}};
  for (const auto& key : identity->keys) lines.lines.push_back(transport::to_line(key, "bastion"));
  return Answer{std::move(lines)};
}

}  // namespace bastion::admin
