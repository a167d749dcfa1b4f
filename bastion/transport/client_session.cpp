#include "bastion/transport/client_session.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/transport/signing.h"

namespace bastion::transport {
namespace {

Result<PublicKey> host_key_of(ssh_session session) {
  const auto blob = bastion_ssh_host_key(session);
  if (blob == nullptr) return fail("the peer has shown no host key");
  const auto* const bytes = static_cast<const std::uint8_t*>(ssh_string_data(blob));
  auto key = public_key_from_blob({bytes, ssh_string_len(blob)});
  ssh_string_free(blob);
  return key;
}

}  // namespace

ClientSession::ClientSession(std::unique_ptr<ByteStream> stream, const Options& options)
    : Session(std::move(stream), RekeyBudget::Cost::costly), account_(options.account), on_banner_(options.on_banner) {
  auto* const session = engine().session();
  const int no_config = 0;
  const int descriptor = BASTION_SSH_NO_DESCRIPTOR;
  auto offered = client_algorithms(options.offer, options.key_exchange);
  if (!options.ciphers.empty()) offered.ciphers = options.ciphers;
  const auto host_keys = known_first(offered.host_keys, options.known_host_keys);
  ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no_config);
  ssh_options_set(session, SSH_OPTIONS_FD, &descriptor);
  ssh_options_set(session, SSH_OPTIONS_HOST, "peer");  // never looked up: host keys are compared by us
  ssh_options_set(session, SSH_OPTIONS_USER, account_.c_str());
  ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
  ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
  ssh_options_set(session, SSH_OPTIONS_KEY_EXCHANGE, offered.key_exchange.c_str());
  ssh_options_set(session, SSH_OPTIONS_CIPHERS_C_S, offered.ciphers.c_str());
  ssh_options_set(session, SSH_OPTIONS_CIPHERS_S_C, offered.ciphers.c_str());
  ssh_options_set(session, SSH_OPTIONS_HMAC_C_S, offered.macs.c_str());
  ssh_options_set(session, SSH_OPTIONS_HMAC_S_C, offered.macs.c_str());
  ssh_options_set(session, SSH_OPTIONS_HOSTKEYS, host_keys.c_str());
  ssh_options_set(session, SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, offered.signatures.c_str());
  ssh_options_set(session, SSH_OPTIONS_REKEY_DATA, &options.rekey_after);
  bastion_ssh_has_no_home(session);
  engine().listen_to_output();
  if (options.wants_certificate) host_key_algorithms_ = fmt::format("{},{}", kHostCertificates, host_keys);
  offer_host_keys();
  ssh_connect(session);
  bastion_ssh_connected(session, kSoftwareVersion);
}

void ClientSession::offer_host_keys() {
  if (host_key_algorithms_.empty()) return;
  bastion_ssh_offer_host_keys(engine().session(), host_key_algorithms_.c_str());
}

void ClientSession::on_role_step() {
  offer_host_keys();
  if (!host_key_.is_set()) {
    step_handshake();
  } else if (!keys_.empty() && !authenticated_.is_set()) {
    step_authentication();
  }
}

void ClientSession::step_handshake() {
  if (ssh_connect(engine().session()) != SSH_OK) return;
  auto key = host_key_of(engine().session());
  if (key) shown_ = key->blob;
  host_key_.set(std::move(key));
}

void ClientSession::authenticate(std::span<const KeyPair> keys) {
  keys_ = keys;
  step_authentication();
}

// What a DISCONNECT leaves of libssh's state reads like a denial: why it ended is for on_role_lost() to say. libssh
// signs the host key too where the peer knows that (publickey-hostbound-v00@openssh.com, OpenSSH's PROTOCOL).
void ClientSession::step_authentication() {
  if (engine().failed()) return;
  const auto outcome_of = [&](const KeyPair& key) {
    const SignsTowards towards(shown_, engine().host_signature());
    return ssh_userauth_publickey(engine().session(), account_.c_str(), key.native());
  };
  int outcome = outcome_of(keys_[tried_]);
  while ((outcome == SSH_AUTH_DENIED || outcome == SSH_AUTH_PARTIAL) && tried_ + 1 < keys_.size() &&
         !engine().failed()) {
    outcome = outcome_of(keys_[++tried_]);
  }
  switch (outcome) {
    case SSH_AUTH_AGAIN: signed_ |= bastion_ssh_awaits_verdict(engine().session()); return;
    case SSH_AUTH_SUCCESS: authenticated_.set(AuthOutcome::accepted); return;
    case SSH_AUTH_DENIED:
    case SSH_AUTH_PARTIAL: authenticated_.set(AuthOutcome::refused); return;
    default: break;
  }
  // A transport that has failed says so itself.
  if (!engine().failed()) give_up(Error{"the bastion has no signature for this login"});
}

bool ClientSession::on_userauth_banner(Bytes packet) {
  WireReader message(packet.subspan(1));
  const auto text = message.text();
  // Before, nobody has compared its host key yet.
  const bool asked = !keys_.empty() && !authenticated_.is_set();
  if (message.ok() && asked && on_banner_) on_banner_(text);
  return true;
}

void ClientSession::give_up(const Error& why) {
  host_key_.set(std::unexpected(why));
  authenticated_.set(std::unexpected(why));
}

void ClientSession::on_role_lost(const Loss& loss) {
  loss_ = loss;
  const bool by_peer = loss.kind == Loss::Kind::peer_left || loss.kind == Loss::Kind::stream_ended;
  if (by_peer && signed_) authenticated_.set(AuthOutcome::hung_up);
  give_up(Error{loss.text});
}

}  // namespace bastion::transport
