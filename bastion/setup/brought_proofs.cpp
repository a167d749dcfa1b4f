#include "bastion/setup/brought_proofs.h"

#include <utility>

#include "store/users.h"

namespace bastion::setup {
namespace {

using admin::Change;

// The name is sealed in: it may be another one there.
Result<ByteVector> sealed_anew(const Seals& seals, const store::Enrolment& codes, const std::string& name_here,
                               const std::string& name_there) {
  if (!seals.before || !seals.after) return fail("there is no key for it");
  const auto secret = seals.before->unseal(codes.secret, name_here);
  if (!secret) return std::unexpected(secret.error());
  return seals.after->seal(*secret, name_there);
}

class Bringer {
 public:
  explicit Bringer(store::Database& fleet) : users_(fleet), passwords_(fleet), codes_(fleet) {}

  Result<> bring_password(const store::User& user, const std::optional<store::Password>& password) {
    if (!password) {
      const auto removed = passwords_.remove(user.id);
      if (removed && *removed) changes_.push_back({Change::Kind::remove, "password", user.name});
      return removed ? Result<>{} : std::unexpected(removed.error());
    }
    changes_.push_back({Change::Kind::add, "password", user.name});
    return passwords_.set(user.id, password->hash, password->must_change, password->set_at);
  }

  Result<> bring_codes(const store::User& user, const UsersProofs& proofs, const std::optional<ByteVector>& secret) {
    const auto reset = codes_.reset(user.id);
    if (!reset) return std::unexpected(reset.error());
    if (*reset && !secret) changes_.push_back({Change::Kind::remove, "one-time-codes", user.name});
    if (!secret) return {};
    changes_.push_back({Change::Kind::add, "one-time-codes", user.name});
    const auto enrolled = codes_.enroll(user.id, *secret, proofs.recovery, proofs.codes->enrolled_at);
    if (!enrolled) return enrolled;
    const auto there = codes_.of_user(user.id);
    if (!there) return std::unexpected(there.error());
    return codes_.note_used((*there)->id, proofs.codes->last_step);
  }

  Result<std::optional<store::User>> find(const std::string& name) { return users_.find(name); }
  std::vector<Change> take() { return std::move(changes_); }

 private:
  store::Users users_;
  store::Passwords passwords_;
  store::SecondFactors codes_;
  std::vector<Change> changes_;
};

}  // namespace

Result<Proofs> read_proofs(store::Database& database) {
  const auto users = store::Users(database).all();
  if (!users) return std::unexpected(users.error());
  store::Passwords passwords(database);
  store::SecondFactors codes(database);
  Proofs proofs;
  for (const auto& user : *users) {
    UsersProofs theirs;
    auto password = passwords.of_user(user.id);
    if (!password) return std::unexpected(std::move(password.error()));
    auto enrolled = codes.of_user(user.id);
    if (!enrolled) return std::unexpected(std::move(enrolled.error()));
    auto recovery = codes.recovery_left(user.id);
    if (!recovery) return std::unexpected(std::move(recovery.error()));
    theirs = {.password = *std::move(password), .codes = *std::move(enrolled), .recovery = *std::move(recovery)};
    proofs.emplace(user.name, std::move(theirs));
  }
  return proofs;
}

Result<std::vector<Change>> bring_proofs(store::Database& fleet, const Proofs& proofs, const Receivers& receivers,
                                         const Seals& seals, std::vector<std::string>& left_behind) {
  Bringer bringer(fleet);
  for (const auto& [name_here, theirs] : proofs) {
    const auto name = receivers.name_there(name_here);
    if (!receivers.new_there.contains(name) && !receivers.is_replaced(name)) continue;
    const auto user = bringer.find(name);
    if (!user) return std::unexpected(user.error());
    if (!*user) continue;
    if (auto brought = bringer.bring_password(**user, theirs.password); !brought) {
      return std::unexpected(brought.error());
    }
    std::optional<ByteVector> secret;
    if (theirs.codes) {
      auto sealed = sealed_anew(seals, *theirs.codes, name_here, name);
      if (sealed) secret = *std::move(sealed);
      if (!secret) left_behind.push_back(name);
    }
    if (auto brought = bringer.bring_codes(**user, theirs, secret); !brought) return std::unexpected(brought.error());
  }
  return bringer.take();
}

}  // namespace bastion::setup
