#include "store/sftp_policies.h"

namespace bastion::store {
namespace {

std::string policy_in(const Row& row) { return row.text(0); }

Result<std::string> one_of(Statement& statement, std::int64_t id) {
  auto found = statement.first(policy_in, {id});
  if (!found) return std::unexpected(std::move(found.error()));
  return std::move(*found).value_or(std::string{});
}

}  // namespace

SftpPolicies::SftpPolicies(Database& database)
    : that_bind_(database,
                 "SELECT sftp FROM users WHERE id = ?1 UNION SELECT g.sftp FROM group_members m"
                 " JOIN user_groups g ON g.id = m.user_group WHERE m.user = ?1"
                 " UNION SELECT sftp FROM containers WHERE id = ?2"),
      of_user_(database, "SELECT sftp FROM users WHERE id = ?"),
      of_group_(database, "SELECT sftp FROM user_groups WHERE id = ?"),
      of_container_(database, "SELECT sftp FROM containers WHERE id = ?"),
      set_user_(database, "UPDATE users SET sftp = ?2 WHERE id = ?1"),
      set_group_(database, "UPDATE user_groups SET sftp = ?2 WHERE id = ?1"),
      set_container_(database, "UPDATE containers SET sftp = ?2 WHERE id = ?1") {}

Result<std::vector<std::string>> SftpPolicies::that_bind(std::int64_t user, std::int64_t container) {
  return that_bind_.all(policy_in, {user, container});
}

Result<std::string> SftpPolicies::of_user(std::int64_t user) { return one_of(of_user_, user); }
Result<std::string> SftpPolicies::of_group(std::int64_t group) { return one_of(of_group_, group); }
Result<std::string> SftpPolicies::of_container(std::int64_t container) { return one_of(of_container_, container); }

Result<> SftpPolicies::set_user(std::int64_t user, std::string_view policy) { return set_user_.run({user, policy}); }

Result<> SftpPolicies::set_group(std::int64_t group, std::string_view policy) {
  return set_group_.run({group, policy});
}

Result<> SftpPolicies::set_container(std::int64_t container, std::string_view policy) {
  return set_container_.run({container, policy});
}

}  // namespace bastion::store
