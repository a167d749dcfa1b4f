// A bastion that has invited nobody.
#pragma once

#include <optional>
#include <string>

#include "bastion/session/invitations.h"

namespace bastion::test {

class NoInvitations final : public session::Invitations {
 public:
  [[nodiscard]] Task<Result<std::optional<std::string>>> take(loop::Loop& /*loop*/, Taken /*taken*/) override {
    co_return std::nullopt;
  }
};

}  // namespace bastion::test
