#include "store/record_policies.h"

#include <algorithm>
#include <string_view>

namespace bastion::store {
namespace {

using Said = RecordPolicies::Said;

std::string_view column_of(Said said) { return said ? text_of(*said) : std::string_view{}; }

Result<Said> said_in(Statement& statement, std::int64_t id) {
  const auto found = statement.first([](const Row& row) { return row.text(0); }, {id});
  if (!found) return std::unexpected(found.error());
  return parse_record_policy(found->value_or(std::string{}));
}

}  // namespace

RecordPolicies::RecordPolicies(Database& database)
    : of_user_(database, "SELECT record FROM users WHERE id = ?"),
      of_group_(database, "SELECT record FROM user_groups WHERE id = ?"),
      of_container_(database, "SELECT record FROM containers WHERE id = ?"),
      concerning_(database,
                  "SELECT 'user ' || name, record FROM users WHERE id = ?1 AND record <> ''"
                  " UNION ALL SELECT 'group ' || g.name, g.record FROM group_members m JOIN user_groups g"
                  " ON g.id = m.user_group WHERE m.user = ?1 AND g.record <> ''"
                  " UNION ALL SELECT 'container ' || u.name || '/' || c.name, c.record FROM containers c"
                  " JOIN users u ON u.id = c.owner WHERE c.id = ?2 AND c.record <> ''"),
      set_user_(database, "UPDATE users SET record = ?2 WHERE id = ?1"),
      set_group_(database, "UPDATE user_groups SET record = ?2 WHERE id = ?1"),
      set_container_(database, "UPDATE containers SET record = ?2 WHERE id = ?1") {}

Result<Said> RecordPolicies::of_user(std::int64_t user) { return said_in(of_user_, user); }
Result<Said> RecordPolicies::of_group(std::int64_t group) { return said_in(of_group_, group); }
Result<Said> RecordPolicies::of_container(std::int64_t container) { return said_in(of_container_, container); }

Result<std::vector<RecordPolicies::Saying>> RecordPolicies::concerning(std::int64_t user, std::int64_t container) {
  return concerning_.all(
      [](const Row& row) {
        return Saying{.who = row.text(0), .policy = parse_record_policy(row.text(1)).value_or(RecordPolicy::all)};
      },
      {user, container});
}

Result<> RecordPolicies::set_user(std::int64_t user, Said said) { return set_user_.run({user, column_of(said)}); }
Result<> RecordPolicies::set_group(std::int64_t group, Said said) { return set_group_.run({group, column_of(said)}); }
Result<> RecordPolicies::set_container(std::int64_t container, Said said) {
  return set_container_.run({container, column_of(said)});
}

RecordPolicy most_of(const std::vector<RecordPolicies::Saying>& sayings, RecordPolicy usual, RecordPolicy least) {
  if (sayings.empty()) return std::max(usual, least);
  return std::max(std::ranges::max(sayings, {}, &RecordPolicies::Saying::policy).policy, least);
}

}  // namespace bastion::store
