// Passwords that cost nothing: the hash of one is itself, and nothing is kept.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bastion/session/password_checks.h"

namespace bastion::test {

class KnownPasswords final : public session::PasswordChecks {
 public:
  std::vector<Typed> typed;  // that were looked at
  std::vector<Change> changes;
  bool is_busy = false;
  std::function<Result<std::int64_t>(const Change&)> keep = [](const Change&) { return fail("nothing is kept"); };

  [[nodiscard]] Task<Verdict> is_right(loop::Loop& /*loop*/, Typed one) override {
    typed.push_back(one);
    if (is_busy) co_return fail("too many");
    co_return one.hash == one.text;
  }
  [[nodiscard]] Task<Result<std::int64_t>> change(loop::Loop& /*loop*/, Change one) override {
    changes.push_back(one);
    co_return keep(one);
  }
};

}  // namespace bastion::test
