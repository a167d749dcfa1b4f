// Networks that are refused: those that administrators have banned, which a fleet has in common, and penalties: those
// that this bastion refuses for a while, so that it still does so when it was started anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

struct Ban {
  enum class Origin : std::uint8_t { admin, penalty };

  std::string network;  // as Network::text() has it
  Origin origin = Origin::admin;
  std::string cause = {};  // of a penalty: its code
  std::string actor = {};  // of an administrator's: who
  std::int64_t since = 0;
  std::optional<std::int64_t> expires_at = std::nullopt;
};

class Bans {
 public:
  explicit Bans(Database& database);

  // Those that count at `now`, by network.
  [[nodiscard]] Result<std::vector<Ban>> all(std::int64_t now);
  // How many there are of administrators, expired or not.
  [[nodiscard]] Result<std::int64_t> count();
  // In the place of the one of this origin that is there already. A penalty has an end.
  [[nodiscard]] Result<> put(const Ban& ban);
  // False when there is none.
  [[nodiscard]] Result<bool> remove(std::string_view network, Ban::Origin origin);
  [[nodiscard]] Result<> remove_expired(Ban::Origin origin, std::int64_t now);

 private:
  Statement all_;
  Statement count_;
  Statement put_;
  Statement put_penalty_;
  Statement remove_;
  Statement remove_penalty_;
  Statement remove_expired_;
  Statement remove_expired_penalties_;
};

}  // namespace bastion::store
