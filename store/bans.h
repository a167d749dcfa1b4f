// Networks that are refused: those that administrators have banned, and those that the bastion refuses for a while, so
// that it still does so when it was started anew.
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
  // How many there are of an origin.
  [[nodiscard]] Result<std::int64_t> count(Ban::Origin origin);
  // In the place of the one of this origin that is there already.
  [[nodiscard]] Result<> put(const Ban& ban);
  // False when there is none.
  [[nodiscard]] Result<bool> remove(std::string_view network, Ban::Origin origin);
  [[nodiscard]] Result<> remove_expired(std::int64_t now);

 private:
  Statement all_;
  Statement count_;
  Statement put_;
  Statement remove_;
  Statement remove_expired_;
};

}  // namespace bastion::store
