#include "bastion/transport/client_session.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/transport/message_numbers.h"
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

bool is_by_peer(const Loss& loss) {
  return loss.kind == Loss::Kind::peer_left || loss.kind == Loss::Kind::stream_ended;
}

// RFC 4252 section 7, up to the signature; where the peer knows it, OpenSSH's PROTOCOL section 3.1.
void put_request(WireWriter& out, std::string_view account, const ClientSession::ShownKey& key, bool has_signature,
                 std::optional<Bytes> host_key) {
  out.u8(kUserauthRequest).string(account).string(std::string_view{"ssh-connection"});
  out.string(std::string_view{host_key ? "publickey-hostbound-v00@openssh.com" : "publickey"});
  out.boolean(has_signature).string(key.algorithm).string(Bytes{key.blob});
  if (host_key) out.string(*host_key);
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
  } else if (awaits_ != Awaits::nothing) {
    step_verdict();
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
    const int outcome = ssh_userauth_publickey(engine().session(), account_.c_str(), key.native());
    if (const auto& why = SignsTowards::failure()) no_signature_ = why;
    return outcome;
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

// An RSA key signs by what the server has said it takes, and its certificate by the same (PROTOCOL.certkeys).
std::optional<std::string> ClientSession::algorithm_of(std::string_view key_type) const {
  constexpr std::string_view kCertificate = "-cert-v01@openssh.com";
  constexpr std::string_view kRsa = "ssh-rsa";
  const bool is_certificate = key_type.ends_with(kCertificate);
  const auto plain = is_certificate ? key_type.substr(0, key_type.size() - kCertificate.size()) : key_type;
  if (plain != kRsa) return std::string(key_type);
  const auto* const name = bastion_ssh_signature_algorithm(engine().session(), std::string(kRsa).c_str());
  if (name == nullptr) return std::nullopt;
  return fmt::format("{}{}", name, is_certificate ? kCertificate : "");
}

void ClientSession::begin_userauth() {
  stepwise_ = true;
  awaits_ = Awaits::service;
  if (loss_) return answer(std::unexpected(Error{loss_->text}));
  step_verdict();
}

void ClientSession::show(const ShownKey& key) { request(key, std::nullopt); }

void ClientSession::prove(const ShownKey& key, Bytes signature) { request(key, signature); }

ByteVector ClientSession::to_sign(const ShownKey& key) const {
  WireWriter out;
  out.string(session_id());
  put_request(out, account_, key, true,
              bastion_ssh_is_host_bound(engine().session()) ? std::optional(Bytes{shown_}) : std::nullopt);
  return out.take();
}

void ClientSession::request(const ShownKey& key, std::optional<Bytes> signature) {
  awaits_ = Awaits::verdict;
  if (loss_) return answer(is_by_peer(*loss_) ? Result<AuthOutcome>(AuthOutcome::hung_up) : fail("{}", loss_->text));
  WireWriter out;
  put_request(out, account_, key, signature.has_value(),
              bastion_ssh_is_host_bound(engine().session()) ? std::optional(Bytes{shown_}) : std::nullopt);
  if (signature) out.string(*signature);
  signed_ |= signature.has_value();
  bastion_ssh_expect_verdict(engine().session(), signature ? BASTION_SSH_SIGNED : BASTION_SSH_OFFER);
  engine().send(out.view(), {});
}

void ClientSession::step_verdict() {
  if (engine().failed()) return;
  if (awaits_ == Awaits::service) {
    const auto granted = ssh_service_request(engine().session(), "ssh-userauth");
    if (granted == SSH_AGAIN) return;
    if (granted == SSH_OK) return answer(AuthOutcome::accepted);
    return answer(fail("the peer lets nobody authenticate"));
  }
  switch (bastion_ssh_verdict(engine().session())) {
    case BASTION_SSH_PENDING: return;
    case BASTION_SSH_ACCEPTED: return answer(AuthOutcome::accepted);
    case BASTION_SSH_DENIED: return answer(AuthOutcome::refused);
    case BASTION_SSH_BROKEN: return answer(fail("the peer answers a request for authentication with something else"));
  }
}

// Whoever hears of it goes on from inside this call.
void ClientSession::answer(Result<AuthOutcome> verdict) {
  if (std::exchange(awaits_, Awaits::nothing) != Awaits::nothing) verdicts_.push(std::move(verdict));
}

Bytes ClientSession::session_id() const {
  const std::uint8_t* id = nullptr;
  const auto size = bastion_ssh_session_id(engine().session(), &id);
  return {id, size};
}

bool ClientSession::on_userauth_banner(Bytes packet) {
  WireReader message(packet.subspan(1));
  const auto text = message.text();
  // Before, nobody has compared its host key yet.
  const bool asked = stepwise_ || (!keys_.empty() && !authenticated_.is_set());
  if (message.ok() && asked && on_banner_) on_banner_(text);
  return true;
}

void ClientSession::give_up(const Error& why) {
  host_key_.set(std::unexpected(why));
  authenticated_.set(std::unexpected(why));
  answer(std::unexpected(why));
}

void ClientSession::on_role_lost(const Loss& loss) {
  loss_ = loss;
  if (is_by_peer(loss) && signed_) authenticated_.set(AuthOutcome::hung_up);
  if (is_by_peer(loss) && awaits_ == Awaits::verdict) answer(AuthOutcome::hung_up);
  give_up(Error{loss.text});
}

}  // namespace bastion::transport
