// What the path of a login asks the store: who may come in, where that leads, and whether they may stay.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/access/choice.h"
#include "bastion/access/destination.h"
#include "bastion/access/identity.h"
#include "bastion/access/printed_keys.h"
#include "bastion/access/readmission.h"
#include "bastion/access/route.h"
#include "bastion/access/sftp_access.h"
#include "bastion/access/target.h"
#include "bastion/base/public_key.h"
#include "bastion/base/reason.h"
#include "bastion/base/record_policy.h"
#include "bastion/base/result.h"
#include "store/sessions.h"

namespace bastion::store {
class Reader;
class SftpPolicies;
}  // namespace bastion::store

namespace bastion::access {

// What somebody who is called so is called here: where names are compared without case, it may be written otherwise.
// The name itself where there is nobody, or the store cannot tell.
[[nodiscard]] std::string known_as(store::Users& users, std::string_view name, const Defaults& defaults);
// The same of all who are named in a target.
[[nodiscard]] Target known_as(store::Users& users, Target target, const Defaults& defaults);

// Which way files may go between them and this container, by all that is said of either.
[[nodiscard]] Result<SftpAccess> sftp_access_in(store::SftpPolicies& policies, const Identity& who,
                                                std::int64_t container);

class Lookup {
 public:
  // The reader outlives it.
  Lookup(store::Reader& reader, Defaults defaults) : reader_(reader), defaults_(std::move(defaults)) {}

  // Others from now on, for identities that are asked for from then on.
  void set(const Defaults& defaults) { defaults_ = defaults; }

  // The user who may log in with this key, from this address, now. Nothing for an unknown user, a disabled one, a wrong
  // or expired key: the same work and the same answer for all of them. An error: the store cannot tell, and lets nobody
  // in. Failing a user, the backend of this name that dials in with that key.
  [[nodiscard]] Result<std::optional<Identity>> accepted(std::string_view user, const PublicKey& key,
                                                         std::string_view from_host);
  // The same with a certificate. Nothing, too, when its CA is not trusted. That it has signed it is not looked at.
  [[nodiscard]] Result<std::optional<Identity>> accepted(std::string_view user,
                                                         const transport::UserCertificate& certificate,
                                                         std::string_view from_host);
  // The same by a password, whatever was typed, beside what was shown before: whom it would let in, and what it is to
  // be compared with.
  struct ByPassword {
    Identity identity;
    store::Password password;
  };
  [[nodiscard]] Result<std::optional<ByPassword>> with_password(std::string_view user,
                                                                const std::optional<Identity>& before,
                                                                std::string_view from_host);
  // What somebody of this name is called here, where keys that were printed may let them in: a user who is not
  // disabled.
  [[nodiscard]] std::optional<std::string> may_have_printed_keys(std::string_view user);
  // As accepted(), of a user, by what was printed and no row of the store has.
  [[nodiscard]] Result<std::optional<Identity>> accepted(std::string_view user, const PublicKey& key,
                                                         std::string_view from_host, const PrintedKeys& printed);
  [[nodiscard]] Result<std::optional<Identity>> accepted(std::string_view user,
                                                         const transport::UserCertificate& certificate,
                                                         std::string_view from_host, const PrintedKeys& printed);
  // Whoever has no account, as they would be with one that the CA of this certificate has made for them; nothing where
  // it makes none, or they could not come in with it alone.
  [[nodiscard]] Result<std::optional<Identity>> newcomer(std::string_view user,
                                                         const transport::UserCertificate& certificate,
                                                         std::string_view from_host);
  // For whom the invitation is whose word has this hash; nothing when it is not good.
  [[nodiscard]] std::optional<std::string> invites(Bytes hash);
  // Who they would be with this key, from this address, if that invitation enrolled it now; nothing when it is not
  // good, or they could not come in with it all the same. An error: the store cannot tell.
  [[nodiscard]] Result<std::optional<Identity>> invited(Bytes hash, const PublicKey& key, std::string_view from_host);
  // What an account of this name needs; of a name that nobody has, and where the store cannot tell, what every account
  // needs of which nothing else is said.
  [[nodiscard]] Requirement needs_of(std::string_view user);
  // Whether somebody who has shown this has one-time codes to type; also where the store cannot tell.
  [[nodiscard]] bool has_codes(const Identity& identity);
  // The same of a password.
  [[nodiscard]] bool has_password(const Identity& identity);
  // The same with a sign-on that is remembered for one of the keys that they have shown; nothing where none is, or it
  // would bring them no further.
  [[nodiscard]] std::optional<Identity> with_remembered_sign_on(const Identity& identity);
  // Whoever has signed on for this account, with what they have shown before, as they are now. Nothing where they may
  // not be here; that they are who they say is not asked.
  [[nodiscard]] std::optional<Identity> signed_on(const std::optional<Identity>& so_far, std::string_view user,
                                                  const SignOnCredential& sign_on, std::string_view from_host);
  // What somebody who is called so is called here; the name itself where there is nobody.
  [[nodiscard]] std::string account_of(std::string_view user);
  // Whether these are names of the same account.
  [[nodiscard]] bool is_same_account(std::string_view one, std::string_view other) const;
  // Whether there is a user of this name, or a backend that dials in; also where the store cannot tell.
  [[nodiscard]] bool knows(std::string_view user);
  // Of somebody who is logged in: what she may do now, or why she has to go. `internal` when the store cannot tell.
  [[nodiscard]] std::expected<Identity, End> standing(const Identity& identity, std::string_view from_host);
  // Of a container she is in, which she knows as `shown`: until when she may stay, or why not.
  [[nodiscard]] std::expected<std::optional<std::int64_t>, End> access(const Identity& identity, std::int64_t container,
                                                                       const std::string& shown);
  // The number of the last change that may concern somebody who is logged in; nothing when nobody has written anything
  // since this was last asked.
  [[nodiscard]] std::optional<std::int64_t> last_change();

  [[nodiscard]] std::expected<Route, End> route(const Identity& identity, const Target& target);
  // Where a forward of hers leads; an error is a sentence for her.
  [[nodiscard]] Result<Destination> destination(const Identity& identity, const Target& target, const Endpoint& wanted);
  // When and from where she was here before this session; nothing when she was not, or the store cannot tell.
  [[nodiscard]] std::optional<store::LastLogin> last_login(const Identity& identity, std::string_view session);
  // As sftp_access_in(); neither way where the store cannot tell.
  [[nodiscard]] SftpAccess sftp_access(const Identity& identity, std::int64_t container);
  // What of her sessions in this container is recorded; everything where the store cannot tell.
  [[nodiscard]] RecordPolicy record_policy(const Identity& identity, std::int64_t container);
  // What she may enter.
  [[nodiscard]] std::vector<Choice> choices(const Identity& identity);

 private:
  [[nodiscard]] Result<std::optional<Identity>> machine(std::string_view backend, const PublicKey& key);
  [[nodiscard]] Records records();

  store::Reader& reader_;
  Defaults defaults_;
};

}  // namespace bastion::access
