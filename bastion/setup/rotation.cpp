#include "bastion/setup/rotation.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "bastion/admin/manifest/old_identity.h"
#include "bastion/admin/manifest/some_of.h"
#include "bastion/base/inherit_owner.h"
#include "bastion/config/config.h"
#include "bastion/setup/key_files.h"
#include "store/database.h"

namespace bastion::setup {
namespace {

using transport::KeyPair;

std::unexpected<Error> failed(const std::filesystem::path& file) {
  return fail("{}: {}", file.string(), std::strerror(errno));
}

// The old one gets its name before the new one has that of the current: at every moment both names are keys that are
// let in where the old one was.
Result<> put_in_place(const config::StateDir& state) {
  if (::link(state.identity().c_str(), state.old_identity().c_str()) != 0 && errno != EEXIST) {
    return failed(state.old_identity());
  }
  if (::rename(state.next_identity().c_str(), state.identity().c_str()) != 0) return failed(state.identity());
  return {};
}

}  // namespace

Result<std::string> rotate_identity(const config::Config& config) {
  const config::StateDir state(config.state_dir);
  if (const auto place = KeyPlaces(state).identity(); place.is_credential) {
    return fail("{}: the identity is a credential, which is changed where the service is given it",
                place.path.string());
  }
  if (auto why = kept_by_agent({state.identity()}, "the identity")) return std::unexpected(*std::move(why));
  const auto current = KeyPair::load(state.identity());
  if (!current) return std::unexpected(current.error());
  std::error_code error;
  if (std::filesystem::exists(state.old_identity(), error)) {
    const auto old = KeyPair::load(state.old_identity());
    if (!old) return std::unexpected(old.error());
    if (old->public_key() != current->public_key()) {
      return fail("{}: there is an old key already: `bastion identity rotate --finish` removes it",
                  state.old_identity().string());
    }
  }
  std::filesystem::remove(state.next_identity(), error);
  const auto next = KeyPair::generate(KeyPair::Kind::ed25519);
  if (!next) return std::unexpected(next.error());
  if (auto saved = next->save(state.next_identity()); !saved) return std::unexpected(std::move(saved.error()));
  if (auto given = inherit_owner(state.next_identity()); !given) return std::unexpected(std::move(given.error()));
  if (auto put = put_in_place(state); !put) return std::unexpected(std::move(put.error()));
  return fmt::format(
      "{}\n{}: the new key, {}\n{}: the old key, {}\n\n"
      "1. `systemctl reload bastion`: it logs in with the new one from then on, and with the old one where that is "
      "refused.\n"
      "2. Put the line above into authorized_keys beside the old one, on backends and in containers.\n"
      "3. `bastion admin identity show` names what has not taken the new one yet. When there is nothing left:\n"
      "   `bastion identity rotate --finish`.\n",
      transport::to_line(next->public_key(), "bastion"), state.identity().string(),
      transport::fingerprint(next->public_key().blob), state.old_identity().string(),
      transport::fingerprint(current->public_key().blob));
}

Result<std::string> rotate_ca(const config::Config& config) {
  const config::StateDir state(config.state_dir);
  if (const auto place = KeyPlaces(state).ca(); place.is_credential) {
    return fail("{}: the CA is a credential, which is changed where the service is given it", place.path.string());
  }
  if (auto why = kept_by_agent({state.ca()}, "the CA")) return std::unexpected(*std::move(why));
  const auto current = load_ca({state.ca()});
  if (!current) return std::unexpected(current.error());
  std::error_code error;
  if (std::filesystem::exists(state.next_ca(), error)) {
    return fail("{}: there is a new CA already: `bastion identity rotate --ca --finish` lets it sign",
                state.next_ca().string());
  }
  std::filesystem::remove(state.unfinished_ca(), error);
  const auto next = KeyPair::generate(KeyPair::Kind::ed25519);
  if (!next) return std::unexpected(next.error());
  if (auto saved = next->save(state.unfinished_ca()); !saved) return std::unexpected(std::move(saved.error()));
  if (auto given = inherit_owner(state.unfinished_ca()); !given) return std::unexpected(std::move(given.error()));
  if (::rename(state.unfinished_ca().c_str(), state.next_ca().c_str()) != 0) return failed(state.next_ca());
  return fmt::format(
      "{}\n{}: the new CA, {}\n{}: the one that signs until it is finished, {}\n\n"
      "1. Put the line above beside the old one, into the file of TrustedUserCAKeys on backends and in containers, or "
      "behind cert-authority in authorized_keys. After `systemctl reload bastion`, `identity show --ca` prints both.\n"
      "2. When all that ask for certificates have it: `bastion identity rotate --ca --finish`.\n",
      transport::to_line(next->public_key(), "bastion-ca"), state.next_ca().string(),
      transport::fingerprint(next->public_key().blob), state.ca().string(),
      transport::fingerprint(current->public_key().blob));
}

Result<std::string> finish_ca_rotation(const config::Config& config, Need need) {
  const config::StateDir state(config.state_dir);
  std::error_code error;
  for (const auto& file : {state.next_ca(), state.ca()}) {
    if (auto why = kept_by_agent({file}, "the CA")) return std::unexpected(*std::move(why));
  }
  if (!std::filesystem::exists(state.next_ca(), error)) return fail("there is no new CA");
  if (const auto next = load_ca({state.next_ca()}); !next) return std::unexpected(next.error());
  if (need == Need::matters) {
    auto database = store::Database::open(config.database(), store::Database::Access::read);
    if (!database) return std::unexpected(std::move(database.error()));
    auto asking = admin::asking_for_certificates(*database);
    if (!asking) return std::unexpected(std::move(asking.error()));
    if (!asking->empty()) {
      return fail("these have to trust the new CA, and whether they do is not known here: {}; --yes lets it sign",
                  admin::some_of(*asking));
    }
  }
  if (::rename(state.next_ca().c_str(), state.ca().c_str()) != 0) return failed(state.ca());
  return fmt::format(
      "{}: signs from the next reload on, and the one before is gone. Take its line away everywhere when no session is "
      "left that was there before the reload.\n",
      state.ca().string());
}

Result<std::string> finish_rotation(const config::Config& config, Need need) {
  const config::StateDir state(config.state_dir);
  std::error_code error;
  for (const auto& file : {state.old_identity(), state.identity()}) {
    if (auto why = kept_by_agent({file}, "the identity")) return std::unexpected(*std::move(why));
  }
  if (!std::filesystem::exists(state.old_identity(), error)) return fail("there is no old identity key");
  const auto current = KeyPair::load(state.identity());
  if (!current) return std::unexpected(current.error());
  if (need == Need::matters) {
    auto database = store::Database::open(config.database(), store::Database::Access::read);
    if (!database) return std::unexpected(std::move(database.error()));
    auto needing = admin::needing_the_old_key(*database, current->public_key());
    if (!needing) return std::unexpected(std::move(needing.error()));
    if (!needing->empty()) {
      return fail("the old key may be needed: {}; --yes removes it all the same", admin::some_of(*needing));
    }
  }
  if (::unlink(state.old_identity().c_str()) != 0) return failed(state.old_identity());
  return fmt::format("{}: removed. Reload the bastion, and take the old key out of authorized_keys everywhere.\n",
                     state.old_identity().string());
}

}  // namespace bastion::setup
