// The client role: a hop to a backend, or the login to a container. Used in this order:
//
//   auto key = co_await session.host_key();       // the handshake is done and the peer holds this key: compare it
//   session.authenticate(identity);
//   auto in = co_await session.authenticated();
//
// Or, where the signatures come from elsewhere and take their time, one request after the other:
//
//   session.begin_userauth();                     // each of these is answered
//   auto may = co_await session.verdicts().next();
//   session.show(key);
//   session.prove(key, signature);                // over session.to_sign(key)
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/task.h"
#include "bastion/transport/algorithms.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/session.h"

namespace bastion::transport {

class ClientSession final : public Session {
 public:
  enum class AuthOutcome : std::uint8_t {
    accepted,
    refused,
    hung_up,  // it ended the connection in place of an answer to a signature, with a DISCONNECT or without: sshd does,
              // when PAM does not let the account in
  };

  struct Options {
    std::string account{};                     // the user name there
    std::vector<PublicKey> known_host_keys{};  // a peer with several is to show one of these
    bool wants_certificate = false;            // in the place of its host key, if it has one (PROTOCOL.certkeys)
    Offer offer = Offer::sound;
    std::string key_exchange{};   // empty: the default list
    std::string ciphers{};        // likewise
    std::uint64_t rekey_after{};  // bytes; 0: when the cipher wants it (RFC 4344)
    // What the peer says during the authentication (SSH_MSG_USERAUTH_BANNER, RFC 4252 section 5.4), as it comes: not
    // to be trusted. From inside a call of the stream; the session must not be destroyed.
    std::function<void(std::string_view)> on_banner{};
  };

  // Says the version line at once.
  ClientSession(std::unique_ptr<ByteStream> stream, const Options& options);

  // It may be a certificate (is_certificate() of host_certificate.h): the peer holds the key in it, and nothing else
  // that it says has been looked at.
  [[nodiscard]] Event<Result<PublicKey>>& host_key() { return host_key_; }
  // With each of these in turn, until one is taken. They must outlive the authentication.
  void authenticate(std::span<const KeyPair> keys);
  void authenticate(const KeyPair& key) { authenticate(std::span(&key, 1)); }
  [[nodiscard]] Event<Result<AuthOutcome>>& authenticated() { return authenticated_; }

  // A key of somebody else's, as it is shown.
  struct ShownKey {
    std::string algorithm;  // of its signatures
    ByteVector blob;        // it, or a certificate of it
  };
  // May be asked when the service of authentication is granted. Nothing: the peer is not offered what this key signs.
  [[nodiscard]] std::optional<std::string> algorithm_of(std::string_view key_type) const;
  void begin_userauth();
  // Without a signature: whether it would be accepted with one (RFC 4252 section 7).
  void show(const ShownKey& key);
  [[nodiscard]] ByteVector to_sign(const ShownKey& key) const;
  void prove(const ShownKey& key, Bytes signature);
  [[nodiscard]] Stream<Result<AuthOutcome>>& verdicts() { return verdicts_; }

  // With which host this session is, for whoever signs for it: its key as it was shown, the session id (RFC 4253
  // section 7.2), and the host key's signature over that. Once host_key() is known.
  [[nodiscard]] Bytes shown_host_key() const { return shown_; }
  [[nodiscard]] Bytes session_id() const;
  [[nodiscard]] Bytes host_signature() const { return engine().host_signature(); }

  // Which of them was taken, if one was.
  [[nodiscard]] std::size_t taken() const { return tried_; }

  // Why nobody has made the signature that the authentication needed, if that is how it failed.
  [[nodiscard]] const std::optional<Error>& no_signature() const { return no_signature_; }

  // How it ended, if it has.
  [[nodiscard]] const std::optional<Loss>& loss() const { return loss_; }

  // Whoever waits is told this; for deadlines.
  void give_up(const Error& why);

 private:
  void on_role_step() override;
  bool on_userauth_request(Bytes /*packet*/) override { return false; }
  bool on_userauth_answers(Bytes /*packet*/) override { return false; }
  bool on_userauth_banner(Bytes packet) override;
  void on_role_lost(const Loss& loss) override;
  void offer_host_keys();
  void step_handshake();
  void step_authentication();
  void step_verdict();
  void request(const ShownKey& key, std::optional<Bytes> signature);
  void answer(Result<AuthOutcome> verdict);

  std::string account_;
  std::string host_key_algorithms_;  // where libssh would not offer all of them; else empty
  std::function<void(std::string_view)> on_banner_;
  std::optional<Loss> loss_;
  std::span<const KeyPair> keys_;  // empty: nobody has asked for the authentication yet
  std::size_t tried_ = 0;          // of them, before the one that is tried now
  ByteVector shown_;               // the peer's host key
  std::optional<Error> no_signature_;
  bool signed_ = false;  // a signature was sent
  Event<Result<PublicKey>> host_key_;
  Event<Result<AuthOutcome>> authenticated_;
  enum class Awaits : std::uint8_t { nothing, service, verdict };
  Awaits awaits_ = Awaits::nothing;
  bool stepwise_ = false;  // the authentication is begin_userauth()'s
  Stream<Result<AuthOutcome>> verdicts_;
};

}  // namespace bastion::transport
