#include "store/invitations.h"

namespace bastion::store {
namespace {

Invitation read_invitation(const Row& row) {
  return {.id = row.number(0),
          .user = row.number(1),
          .user_name = row.text(2),
          .made_by = row.text(3),
          .made_at = row.number(4),
          .expires_at = row.number(5)};
}

}  // namespace

Invitations::Invitations(Database& database)
    : all_(database,
           "SELECT i.id, i.user, users.name, i.made_by, i.made_at, i.expires_at FROM invitations i"
           " JOIN users ON users.id = i.user WHERE i.expires_at > ? ORDER BY users.name"),
      open_(database,
            "SELECT i.id, i.user, users.name, i.made_by, i.made_at, i.expires_at FROM invitations i"
            " JOIN users ON users.id = i.user WHERE i.hash = ? AND i.expires_at > ?"),
      tidy_(database, "DELETE FROM invitations WHERE user = ? OR expires_at <= ?"),
      make_(database, "INSERT INTO invitations (user, hash, made_by, made_at, expires_at) VALUES (?, ?, ?, ?, ?)"),
      use_(database, "DELETE FROM invitations WHERE id = ?"),
      take_back_(database, "DELETE FROM invitations WHERE user = ? AND expires_at > ?") {}

Result<std::vector<Invitation>> Invitations::all(std::int64_t now) { return all_.all(read_invitation, {now}); }

Result<std::optional<Invitation>> Invitations::open(Bytes hash, std::int64_t now) {
  return open_.first(read_invitation, {hash, now});
}

Result<> Invitations::make(const Invitation& invitation, Bytes hash) {
  if (auto gone = tidy_.run({invitation.user, invitation.made_at}); !gone) return gone;
  return make_.run({invitation.user, hash, invitation.made_by, invitation.made_at, invitation.expires_at});
}

Result<bool> Invitations::use(std::int64_t id) {
  const auto used = use_.run_and_count({id});
  if (!used) return std::unexpected(used.error());
  return *used > 0;
}

Result<bool> Invitations::take_back(std::int64_t user, std::int64_t now) {
  const auto gone = take_back_.run_and_count({user, now});
  if (!gone) return std::unexpected(gone.error());
  return *gone > 0;
}

}  // namespace bastion::store
