// Passwords and one-time codes of a directory that comes along into a fleet.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bastion/admin/manifest/apply.h"
#include "bastion/base/result.h"
#include "bastion/base/sealing_key.h"
#include "store/database.h"
#include "store/passwords.h"
#include "store/second_factors.h"

namespace bastion::setup {

struct UsersProofs {
  std::optional<store::Password> password = std::nullopt;
  std::optional<store::Enrolment> codes = std::nullopt;
  std::vector<ByteVector> recovery = {};  // hashes of those that were not used
};
using Proofs = std::map<std::string, UsersProofs>;  // by the user's name

// Of whoever has any.
[[nodiscard]] Result<Proofs> read_proofs(store::Database& database);

// By which key the secrets of codes were sealed, and by which they are to be. Without one of them codes stay behind.
struct Seals {
  std::optional<SealingKey> before = std::nullopt;
  std::optional<SealingKey> after = std::nullopt;
};

// Who of the fleet they are for: those whom it did not have, and those whose place the users of here take. Whoever was
// there before is let in by what the fleet has of them, and by nothing that comes along.
struct Receivers {
  std::function<std::string(const std::string& user)> name_there;
  std::set<std::string> new_there = {};
  std::function<bool(const std::string& name)> is_replaced;
};

// Returns what that changed, and writes into `left_behind` whose codes could not be sealed anew. Within a change.
[[nodiscard]] Result<std::vector<admin::Change>> bring_proofs(store::Database& fleet, const Proofs& proofs,
                                                              const Receivers& receivers, const Seals& seals,
                                                              std::vector<std::string>& left_behind);

}  // namespace bastion::setup
