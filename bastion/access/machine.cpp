#include "bastion/access/machine.h"

#include "bastion/transport/keys.h"
#include "store/links.h"
#include "store/revocations.h"

namespace bastion::access {
namespace {

std::unexpected<End> goes(Reason reason, std::string detail = {}) {
  return std::unexpected(End{reason, {}, std::move(detail)});
}

}  // namespace

// What users need beside a key is not asked of machines, which nobody sits at.
Result<std::optional<Identity>> machine_of(const MachineRecords& records, std::string_view backend,
                                           const PublicKey& key) {
  const auto id = records.links.with_key(backend, key.blob);
  if (!id) return std::unexpected(id.error());
  const auto is_revoked = records.revocations.is_revoked(key.blob);
  if (!is_revoked) return std::unexpected(is_revoked.error());
  if (!*id || *is_revoked) return std::nullopt;
  Identity machine;
  machine.name = backend;
  machine.credential = KeyCredential{.key = 0, .fingerprint = transport::fingerprint(key.blob)};
  machine.needs = parse_requirement(kDefaultRequirement).value_or(Requirement{});
  machine.dials_in = **id;
  return machine;
}

std::expected<Identity, End> may_stay(const MachineRecords& records, const Identity& machine) {
  const auto key = records.links.key_of(machine.dials_in.value_or(0));
  if (!key) return goes(Reason::internal, key.error().text);
  if (key->empty() || transport::fingerprint(*key) != name_of(machine.credential)) return goes(Reason::key_removed);
  const auto is_revoked = records.revocations.is_revoked(*key);
  if (!is_revoked) return goes(Reason::internal, is_revoked.error().text);
  if (*is_revoked) return goes(Reason::credential_revoked);
  return machine;
}

}  // namespace bastion::access
