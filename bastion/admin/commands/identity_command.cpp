#include "bastion/admin/commands/handlers.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {

Result<Answer> identity_show(Context& context, const Arguments& /*arguments*/) {
  const auto key = context.identity();
  if (!key) return std::unexpected(key.error());
  return Answer{Lines{"keys", {transport::to_line(*key, "bastion")}}};
}

}  // namespace bastion::admin
