// What of sessions is recorded, as users, groups and containers say it: columns that no login reads, but a session that
// begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/record_policy.h"
#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

class RecordPolicies {
 public:
  // Nothing: it says nothing, or is not there.
  using Said = std::optional<RecordPolicy>;

  explicit RecordPolicies(Database& database);

  [[nodiscard]] Result<Said> of_user(std::int64_t user);
  [[nodiscard]] Result<Said> of_group(std::int64_t group);
  [[nodiscard]] Result<Said> of_container(std::int64_t container);
  // All that counts for this user in this container: who has said it (`user alice`, `group ops`, `container
  // alice/web`), and what. Without a container (0), what counts everywhere.
  struct Saying {
    std::string who;
    RecordPolicy policy;
  };
  [[nodiscard]] Result<std::vector<Saying>> concerning(std::int64_t user, std::int64_t container);

  // Inside Database::change.
  [[nodiscard]] Result<> set_user(std::int64_t user, Said said);
  [[nodiscard]] Result<> set_group(std::int64_t group, Said said);
  [[nodiscard]] Result<> set_container(std::int64_t container, Said said);

 private:
  Statement of_user_;
  Statement of_group_;
  Statement of_container_;
  Statement concerning_;
  Statement set_user_;
  Statement set_group_;
  Statement set_container_;
};

// What counts: the one that records most of those that say something, and else what is usual; `least` in any case.
[[nodiscard]] RecordPolicy most_of(const std::vector<RecordPolicies::Saying>& sayings, RecordPolicy usual,
                                   RecordPolicy least);

}  // namespace bastion::store
