#include "bastion/transport/server_profile.h"

#include <libssh/server.h>

#include <algorithm>
#include <new>
#include <set>
#include <utility>

#include "bastion/transport/algorithms.h"

namespace bastion::transport {
namespace {

// libssh has room for one key of each.
std::string_view kind_of(std::string_view type) { return type.starts_with("ecdsa-") ? "ecdsa" : type; }

}  // namespace

void ServerProfile::FreeBind::operator()(ssh_bind_struct* bind) const { ssh_bind_free(bind); }
void ServerProfile::FreeKey::operator()(ssh_key_struct* key) const { ssh_key_free(key); }

ServerProfile::ServerProfile(const std::vector<KeyPair>& host_keys, const std::string& key_exchange,
                             std::string auth_methods, const std::string& host_key_algorithms)
    : bind_(ssh_bind_new()), auth_methods_(std::move(auth_methods)) {
  if (!bind_) throw std::bad_alloc();
  const bool no_config = false;
  ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_PROCESS_CONFIG, &no_config);
  ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_BANNER, kSoftwareVersion);
  ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_KEY_EXCHANGE,
                       key_exchange.empty() ? kKeyExchange : key_exchange.c_str());
  ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_CIPHERS_C_S, kServerCiphers);
  ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_CIPHERS_S_C, kServerCiphers);
  ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_HMAC_C_S, kMacs);
  ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_HMAC_S_C, kMacs);
  ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS,
                       host_key_algorithms.empty() ? kHostKeys : host_key_algorithms.c_str());
  std::set<std::string_view> presented;
  for (const auto& key : host_keys) {
    // A later one would take the place of the first.
    if (presented.insert(kind_of(key.public_key().type)).second) {
      ssh_bind_options_set(bind_.get(), SSH_BIND_OPTIONS_IMPORT_KEY, ssh_key_dup(key.native()));
    }
    public_keys_.push_back(key.public_key());
    keys_.emplace_back(ssh_key_dup(key.native()));
  }
}

void ServerProfile::accept(ssh_session session) { ssh_bind_accept_fd(bind_.get(), session, BASTION_SSH_NO_DESCRIPTOR); }

std::optional<ByteVector> ServerProfile::sign(ssh_session session, Bytes blob, Bytes data) const {
  const auto found =
      std::ranges::find_if(public_keys_, [&](const PublicKey& key) { return std::ranges::equal(key.blob, blob); });
  if (found == public_keys_.end()) return std::nullopt;
  auto* const key = keys_[static_cast<std::size_t>(found - public_keys_.begin())].get();
  auto* const signature = bastion_ssh_sign(session, key, data.data(), data.size());
  if (signature == nullptr) return std::nullopt;
  const auto* const bytes = static_cast<const std::uint8_t*>(ssh_string_data(signature));
  ByteVector copy(bytes, bytes + ssh_string_len(signature));
  ssh_string_free(signature);
  return copy;
}

}  // namespace bastion::transport
