#include "bastion/access/lookup.h"

#include <utility>

#include "bastion/access/container_access.h"
#include "bastion/access/machine.h"
#include "bastion/access/printed_admission.h"
#include "bastion/access/readmission.h"
#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/base/user_name.h"
#include "bastion/transport/keys.h"
#include "store/reader.h"

namespace bastion::access {
namespace {

// A store that cannot be read lets nobody in.
template <typename T>
std::optional<T> value_or_log(Result<std::optional<T>> result, std::string_view what) {
  if (result) return *std::move(result);
  log::error("the store cannot be read: {} ({})", result.error().text, what);
  return std::nullopt;
}

// Who is not let in is told nothing; that something cannot be read is for the log.
std::optional<Identity> identity_or_log(std::expected<Identity, End> admitted, std::string_view user,
                                        std::string_view shown) {
  if (admitted) return *std::move(admitted);
  if (admitted.error().reason == Reason::internal) {
    log::error("a login is denied user={} key={} detail={:?}", user, shown, admitted.error().detail);
  }
  return std::nullopt;
}

}  // namespace

std::string known_as(store::Users& users, std::string_view name, const Defaults& defaults) {
  if (!defaults.fold_names) return std::string(name);
  auto found = value_or_log(users.find_without_case(name), "users");
  return found ? std::move(found->name) : std::string(name);
}

Target known_as(store::Users& users, Target target, const Defaults& defaults) {
  target.user = known_as(users, target.user, defaults);
  if (target.owner) target.owner = known_as(users, *target.owner, defaults);
  return target;
}

Result<SftpAccess> sftp_access_in(store::SftpPolicies& policies, const Identity& who, std::int64_t container) {
  const auto binding = policies.that_bind(who.user, container);
  if (!binding) return std::unexpected(binding.error());
  auto access = who.policy.sftp;
  for (const auto& policy : *binding) access = both(access, sftp_access_of(policy).value_or(kNoSftp));
  return access;
}

Result<std::optional<Identity>> Lookup::accepted(std::string_view user, const PublicKey& key,
                                                 std::string_view from_host) {
  const auto enrolled = reader_.keys().enrolled(known_as(reader_.users(), user, defaults_), key.blob);
  if (!enrolled) {
    log::error("the store cannot be read: {} (enrolled keys)", enrolled.error().text);
    return std::unexpected(enrolled.error());
  }
  if (!*enrolled) return machine(user, key);
  return identity_or_log(admission(**enrolled, {std::string(from_host), unix_now()}, defaults_), (*enrolled)->user_name,
                         (*enrolled)->fingerprint);
}

Result<std::optional<Identity>> Lookup::accepted(std::string_view user, const transport::UserCertificate& certificate,
                                                 std::string_view from_host) {
  const auto certified = certified_in(records(), known_as(reader_.users(), user, defaults_), certificate);
  if (!certified) {
    log::error("the store cannot be read: {} (certificates)", certified.error().text);
    return std::unexpected(certified.error());
  }
  if (!*certified) return std::nullopt;
  return identity_or_log(admission(**certified, certificate, {std::string(from_host), unix_now()}, defaults_),
                         (*certified)->user.name, "CA " + transport::fingerprint(certificate.ca.blob));
}

Result<std::optional<Lookup::ByPassword>> Lookup::with_password(std::string_view user,
                                                                const std::optional<Identity>& before,
                                                                std::string_view from_host) {
  const auto unreadable = [](const Error& why) {
    log::error("the store cannot be read: {} (passwords)", why.text);
    return std::unexpected(why);
  };
  const auto found = reader_.users().find(known_as(reader_.users(), user, defaults_));
  if (!found) return unreadable(found.error());
  if (!*found) return std::nullopt;
  const auto password = reader_.passwords().of_user((*found)->id);
  if (!password) return unreadable(password.error());
  if (!*password) return std::nullopt;
  auto identity =
      identity_or_log(admission(**found, **password, before, {std::string(from_host), unix_now()}, defaults_),
                      (*found)->name, "password");
  if (!identity) return std::nullopt;
  return ByPassword{.identity = *std::move(identity), .password = **password};
}

Result<std::optional<Identity>> Lookup::machine(std::string_view backend, const PublicKey& key) {
  auto found = machine_of({reader_.links(), reader_.revocations()}, backend, key);
  if (!found) log::error("the store cannot be read: {} (keys of backends)", found.error().text);
  return found;
}

Records Lookup::records() {
  return {reader_.users(),          reader_.keys(),      reader_.cas(),     reader_.revocations(),
          reader_.second_factors(), reader_.passwords(), reader_.sign_ons()};
}

std::optional<std::string> Lookup::may_have_printed_keys(std::string_view user) {
  auto found = value_or_log(reader_.users().find(known_as(reader_.users(), user, defaults_)), "users");
  if (!found || found->disabled_at) return std::nullopt;
  return std::move(found->name);
}

Result<std::optional<Identity>> Lookup::accepted(std::string_view user, const PublicKey& key,
                                                 std::string_view from_host, const PrintedKeys& printed) {
  const auto by = printed_for(printed, key);
  if (!by) return std::nullopt;
  const auto found = reader_.users().get(user);
  if (!found) return std::unexpected(found.error());
  return identity_or_log(admission(reader_.revocations(), *found, *by, {std::string(from_host), unix_now()}, defaults_),
                         found->name, (*by)->line.fingerprint);
}

Result<std::optional<Identity>> Lookup::accepted(std::string_view user, const transport::UserCertificate& certificate,
                                                 std::string_view from_host, const PrintedKeys& printed) {
  const auto by = printed_for(printed, certificate);
  if (!by) return std::nullopt;
  const auto found = reader_.users().get(user);
  if (!found) return std::unexpected(found.error());
  return identity_or_log(
      admission(reader_.revocations(), *found, *by, certificate, {std::string(from_host), unix_now()}, defaults_),
      found->name, "CA " + (*by)->line.fingerprint);
}

Result<std::optional<Identity>> Lookup::newcomer(std::string_view user, const transport::UserCertificate& certificate,
                                                 std::string_view from_host) {
  auto found = newcomer_in(records(), account_of(user), certificate, {std::string(from_host), unix_now()}, defaults_);
  if (!found) log::error("the store cannot be read: {} (CAs that make accounts)", found.error().text);
  return found;
}

std::optional<std::string> Lookup::invites(Bytes hash) {
  auto invitation = value_or_log(reader_.invitations().open(hash, unix_now()), "invitations");
  if (!invitation) return std::nullopt;
  return std::move(invitation->user_name);
}

Result<std::optional<Identity>> Lookup::invited(Bytes hash, const PublicKey& key, std::string_view from_host) {
  const auto now = unix_now();
  const auto invitation = reader_.invitations().open(hash, now);
  if (!invitation) return std::unexpected(invitation.error());
  if (!*invitation) return std::nullopt;
  const auto user = reader_.users().get((*invitation)->user_name);
  if (!user) return std::unexpected(user.error());
  const auto is_revoked = reader_.revocations().is_revoked(key.blob);
  if (!is_revoked) return std::unexpected(is_revoked.error());
  const auto enrolled = store::enrolled_key(
      *user,
      {.blob = key.blob, .fingerprint = transport::fingerprint(key.blob), .comment = {}, .is_revoked = *is_revoked});
  return identity_or_log(admission(enrolled, {std::string(from_host), now}, defaults_), user->name,
                         enrolled.fingerprint);
}

Requirement Lookup::needs_of(std::string_view user) {
  const auto found = reader_.users().find(known_as(reader_.users(), user, defaults_));
  if (!found || !*found) return defaults_.needs;
  const auto& of_role = defaults_.needs_of((*found)->role);
  return (*found)->auth.empty() ? of_role : parse_requirement((*found)->auth).value_or(of_role);
}

bool Lookup::has_codes(const Identity& identity) {
  const auto enrolled = reader_.second_factors().of_user(identity.user);
  return !enrolled || enrolled->has_value();
}

bool Lookup::has_password(const Identity& identity) {
  const auto set = reader_.passwords().of_user(identity.user);
  return !set || set->has_value();
}

std::optional<Identity> Lookup::with_remembered_sign_on(const Identity& identity) {
  if (!needs_sign_on(identity)) return std::nullopt;
  for (const auto& key : keys_shown_by(identity)) {
    const auto row = value_or_log(reader_.sign_ons().with_key(identity.user, key), "sign-ons");
    if (!row || !is_remembered(*row, unix_now(), defaults_)) continue;
    const SignOnCredential sign_on{.sign_on = row->id, .signed_at = row->signed_at};
    const auto until = good_until(sign_on, defaults_);
    if (!until || *until > unix_now()) return together(identity, sign_on, until);
  }
  return std::nullopt;
}

std::optional<Identity> Lookup::signed_on(const std::optional<Identity>& so_far, std::string_view user,
                                          const SignOnCredential& sign_on, std::string_view from_host) {
  if (so_far) return together(*so_far, sign_on, good_until(sign_on, defaults_));
  const auto found = value_or_log(reader_.users().find(known_as(reader_.users(), user, defaults_)), "users");
  if (!found) return std::nullopt;
  return identity_or_log(admission(*found, sign_on, {std::string(from_host), unix_now()}, defaults_), found->name,
                         sign_on.name);
}

std::string Lookup::account_of(std::string_view user) {
  return known_as(reader_.users(), user_name_of(user).value_or(std::string(user)), defaults_);
}

bool Lookup::is_same_account(std::string_view one, std::string_view other) const {
  const auto first = user_name_of(one);
  const auto second = user_name_of(other);
  if (!first || !second) return false;
  return defaults_.fold_names ? without_case(*first) == without_case(*second) : *first == *second;
}

bool Lookup::knows(std::string_view user) {
  const auto name = known_as(reader_.users(), user, defaults_);
  const auto found = reader_.users().find(name);
  return !found || found->has_value() || reader_.links().has(user).value_or(true);
}

std::expected<Identity, End> Lookup::standing(const Identity& identity, std::string_view from_host) {
  if (identity.dials_in) return may_stay({reader_.links(), reader_.revocations()}, identity);
  return readmission(records(), identity, {std::string(from_host), unix_now()}, defaults_);
}

std::expected<std::optional<std::int64_t>, End> Lookup::access(const Identity& identity, std::int64_t container,
                                                               const std::string& shown) {
  return find_access(reader_.containers(), identity, container, shown, unix_now());
}

std::optional<std::int64_t> Lookup::last_change() {
  return value_or_log(reader_.permissions().generation_if_written(), "permissions");
}

std::expected<Route, End> Lookup::route(const Identity& identity, const Target& target) {
  return find_route(reader_.containers(), reader_.backends(), identity, known_as(reader_.users(), target, defaults_),
                    unix_now());
}

Result<Destination> Lookup::destination(const Identity& identity, const Target& target, const Endpoint& wanted) {
  return find_destination(reader_.containers(), reader_.backends(), identity,
                          known_as(reader_.users(), target, defaults_), wanted, unix_now());
}

std::optional<store::LastLogin> Lookup::last_login(const Identity& identity, std::string_view session) {
  return value_or_log(reader_.sessions().before(identity.name, session), "sessions");
}

SftpAccess Lookup::sftp_access(const Identity& identity, std::int64_t container) {
  const auto access = sftp_access_in(reader_.sftp_policies(), identity, container);
  if (!access) log::error("the store cannot be read: {} (which way files may go)", access.error().text);
  return access.value_or(kNoSftp);
}

RecordPolicy Lookup::record_policy(const Identity& identity, std::int64_t container) {
  const auto sayings = reader_.record_policies().concerning(identity.user, container);
  if (sayings) return store::most_of(*sayings, defaults_.record, defaults_.record_least);
  log::error("the store cannot be read: {} (record)", sayings.error().text);
  return RecordPolicy::all;
}

std::vector<Choice> Lookup::choices(const Identity& identity) {
  std::vector<Choice> choices;
  const auto open = reader_.containers().open_to({identity.user, identity.name}, unix_now());
  if (!open) {
    log::error("the store cannot be read: {} (containers)", open.error().text);
    return choices;
  }
  for (const auto& container : *open) {
    const auto backend = value_or_log(reader_.backends().find(container.backend_name), "backends");
    choices.push_back({.name = shown_to(identity, container),
                       .backend = container.backend_name,
                       .state = !container.is_served ? "for other groups"
                                : backend            ? std::string(text_of(backend->state))
                                                     : std::string{}});
  }
  return choices;
}

}  // namespace bastion::access
