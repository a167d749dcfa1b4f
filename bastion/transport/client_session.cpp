#include "bastion/transport/client_session.h"

#include <utility>

#include "bastion/transport/algorithms.h"

namespace bastion::transport {
namespace {

// The type of the key we know comes first: a peer with several keys is to show that one.
std::string host_keys_with_first(std::string_view type) {
  if (type.empty()) return kHostKeys;
  const std::string first = type == "ssh-rsa" ? "rsa-sha2-512,rsa-sha2-256" : std::string(type);
  return first + "," + kHostKeys;
}

Result<PublicKey> host_key_of(ssh_session session) {
  ssh_key key = nullptr;
  if (ssh_get_server_publickey(session, &key) != SSH_OK) return fail("the peer has shown no host key");
  auto result = public_key_of(key);
  ssh_key_free(key);
  return result;
}

}  // namespace

ClientSession::ClientSession(std::unique_ptr<ByteStream> stream, const Options& options)
    : Session(std::move(stream)), account_(options.account) {
  auto* const session = engine().session();
  const int no_config = 0;
  const int descriptor = BASTION_SSH_NO_DESCRIPTOR;
  const char* const ciphers = options.ciphers.empty() ? client_ciphers() : options.ciphers.c_str();
  const auto host_keys = host_keys_with_first(options.host_key_type);
  ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no_config);
  ssh_options_set(session, SSH_OPTIONS_FD, &descriptor);
  ssh_options_set(session, SSH_OPTIONS_HOST, "peer");  // never looked up: host keys are compared by us
  ssh_options_set(session, SSH_OPTIONS_USER, account_.c_str());
  ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
  ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
  ssh_options_set(session, SSH_OPTIONS_KEY_EXCHANGE,
                  options.key_exchange.empty() ? kKeyExchange : options.key_exchange.c_str());
  ssh_options_set(session, SSH_OPTIONS_CIPHERS_C_S, ciphers);
  ssh_options_set(session, SSH_OPTIONS_CIPHERS_S_C, ciphers);
  ssh_options_set(session, SSH_OPTIONS_HMAC_C_S, kMacs);
  ssh_options_set(session, SSH_OPTIONS_HMAC_S_C, kMacs);
  ssh_options_set(session, SSH_OPTIONS_HOSTKEYS, host_keys.c_str());
  ssh_options_set(session, SSH_OPTIONS_REKEY_DATA, &options.rekey_after);
  engine().listen_to_output();
  ssh_connect(session);
  bastion_ssh_connected(session, kSoftwareVersion);
}

void ClientSession::on_step() {
  if (!host_key_.is_set()) {
    step_handshake();
  } else if (identity_ != nullptr && !authenticated_.is_set()) {
    step_authentication();
  }
}

void ClientSession::step_handshake() {
  if (ssh_connect(engine().session()) == SSH_OK) host_key_.set(host_key_of(engine().session()));
}

void ClientSession::authenticate(const KeyPair& identity) {
  identity_ = &identity;
  step_authentication();
}

void ClientSession::step_authentication() {
  switch (ssh_userauth_publickey(engine().session(), account_.c_str(), identity_->native())) {
    case SSH_AUTH_AGAIN: return;
    case SSH_AUTH_SUCCESS: authenticated_.set(AuthOutcome::accepted); return;
    case SSH_AUTH_DENIED:
    case SSH_AUTH_PARTIAL: authenticated_.set(AuthOutcome::refused); return;
    default: return;  // the transport has failed, and says so itself
  }
}

void ClientSession::give_up(const Error& why) {
  host_key_.set(std::unexpected(why));
  authenticated_.set(std::unexpected(why));
}

void ClientSession::on_role_lost(const Loss& loss) { give_up(Error{loss.text}); }

}  // namespace bastion::transport
