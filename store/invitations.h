// Who may come with a key of their own and have it enrolled, once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

struct Invitation {
  std::int64_t id = 0;
  std::int64_t user = 0;
  std::string user_name = {};  // only read
  std::string made_by = {};
  std::int64_t made_at = 0;
  std::int64_t expires_at = 0;
};

class Invitations {
 public:
  explicit Invitations(Database& database);

  // Those that are good at that time, by the names of their users.
  [[nodiscard]] Result<std::vector<Invitation>> all(std::int64_t now);
  // The one whose word has this hash, if it is good then.
  [[nodiscard]] Result<std::optional<Invitation>> open(Bytes hash, std::int64_t now);

  // In the place of one that this user has; those that are over go. `id` and `user_name` are not read.
  [[nodiscard]] Result<> make(const Invitation& invitation, Bytes hash);
  // False when it is good no more.
  [[nodiscard]] Result<bool> use(std::int64_t id);
  // False when this user has none that is good at that time.
  [[nodiscard]] Result<bool> take_back(std::int64_t user, std::int64_t now);

 private:
  Statement all_;
  Statement open_;
  Statement tidy_;
  Statement make_;
  Statement use_;
  Statement take_back_;
};

}  // namespace bastion::store
