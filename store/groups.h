// Groups of users, who is in them, and the backends that serve only some of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

struct Group {
  std::int64_t id = 0;
  std::string name;
  std::int64_t created_at = 0;
};

struct GroupSummary {
  Group group;
  std::int64_t members = 0;
  std::int64_t shares = 0;    // containers that are shared with it
  std::int64_t backends = 0;  // that serve it
};

// Somebody, or a backend, and a group.
struct GroupPair {
  std::string group;
  std::string other;
};

class Groups {
 public:
  explicit Groups(Database& database);

  [[nodiscard]] Result<std::optional<Group>> find(std::string_view name);
  // As find(), but that there is none is an error.
  [[nodiscard]] Result<Group> get(std::string_view name);
  // All of them, by name.
  [[nodiscard]] Result<std::vector<GroupSummary>> all();
  // By name.
  [[nodiscard]] Result<std::vector<std::string>> members(std::int64_t group);
  [[nodiscard]] Result<std::vector<std::string>> of_user(std::int64_t user);
  [[nodiscard]] Result<std::vector<std::string>> of_backend(std::int64_t backend);
  [[nodiscard]] Result<std::vector<std::string>> backends_of(std::int64_t group);
  // Containers that are shared with it, `owner/name`.
  [[nodiscard]] Result<std::vector<std::string>> containers_of(std::int64_t group);
  // Everybody who is in one, and every backend that serves one: by group.
  [[nodiscard]] Result<std::vector<GroupPair>> all_members();

  // Whether containers of this owner may be on this backend: it serves everybody, or a group of theirs.
  [[nodiscard]] Result<bool> serves(std::int64_t backend, std::int64_t owner);
  // The containers on it of which that is not so, `owner/name`.
  [[nodiscard]] Result<std::vector<std::string>> not_served_on(std::int64_t backend);

  // Returns the new row's id.
  [[nodiscard]] Result<std::int64_t> add(std::string_view name, std::int64_t now);
  // Who is in it and what is shared with it goes too. It serves to no backend any more; the error says which one would
  // serve everybody then.
  [[nodiscard]] Result<> remove(const Group& group);
  // False when they were in it, or were not, already.
  [[nodiscard]] Result<bool> join(std::int64_t group, std::int64_t user);
  [[nodiscard]] Result<bool> leave(std::int64_t group, std::int64_t user);
  // These, and no others; none: it serves everybody.
  [[nodiscard]] Result<> set_backend(std::int64_t backend, const std::vector<std::string>& groups);

 private:
  Statement find_;
  Statement all_;
  Statement members_;
  Statement of_user_;
  Statement of_backend_;
  Statement backends_of_;
  Statement containers_of_;
  Statement all_members_;
  Statement serves_;
  Statement not_served_on_;
  Statement would_serve_everybody_;
  Statement add_;
  Statement no_backend_;
  Statement remove_;
  Statement join_;
  Statement leave_;
  Statement all_may_;
  Statement may_;
};

// What is true of a container c whose owner its backend serves, in SQL.
inline constexpr std::string_view kIsServed =
    "(NOT EXISTS (SELECT 1 FROM backend_groups bg WHERE bg.backend = c.backend) OR EXISTS (SELECT 1 FROM"
    " backend_groups bg JOIN group_members gm ON gm.user_group = bg.user_group AND gm.user = c.owner"
    " WHERE bg.backend = c.backend))";

}  // namespace bastion::store
