// SSH keys: public ones as people write them, private ones as files. The only place that knows how libssh holds a key.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/base/public_key.h"
#include "bastion/base/result.h"

struct ssh_key_struct;

namespace bastion::transport {

// One line as in authorized_keys, without options: `type base64 [comment]`. The error says what would be right, and
// never repeats the text: it may be a private key.
[[nodiscard]] Result<NamedKey> parse_public_key(std::string_view line);
// Why nothing is to be computed with this key: it is of no type we know, or not made as one of them, or what a stranger
// chose in it makes the arithmetic slow (RSA: modulus 2048 to 16384 bits, exponent odd and below 2^32). Computes
// nothing.
[[nodiscard]] std::optional<Error> objection(const PublicKey& key);
// The types of keys that there may be, certificates not among them.
[[nodiscard]] std::span<const std::string_view> accepted_key_types();
// The blob alone; its type is read from it.
[[nodiscard]] Result<PublicKey> public_key_from_blob(Bytes blob);
// `SHA256:…`, as OpenSSH prints it: of a certificate, that of the key in it.
[[nodiscard]] std::string fingerprint(Bytes blob);
// `type base64 comment`.
[[nodiscard]] std::string to_line(const PublicKey& key, std::string_view comment);
// For the rest of this folder.
[[nodiscard]] Result<PublicKey> public_key_of(ssh_key_struct* key);

class KeyPair {
 public:
  enum class Kind : std::uint8_t { ed25519, ecdsa, rsa };

  [[nodiscard]] static Result<KeyPair> generate(Kind kind);
  // Who may read the file of a private key: its owner, or whom whoever made it lets in by other means.
  enum class Readers : std::uint8_t { owner, any };
  // An unencrypted private key file that nobody else may read.
  [[nodiscard]] static Result<KeyPair> load(const std::filesystem::path& file, Readers readers = Readers::owner);
  // The same, or, where the file has only the public half (the line of a .pub file), a key that is elsewhere. Where
  // there is no such file, the one with `.pub` behind its name is read.
  [[nodiscard]] static Result<KeyPair> load_either_half(const std::filesystem::path& file,
                                                        Readers readers = Readers::owner);
  // One whose private part is in another process: it signs through the thread's SignsThrough (signing.h), and cannot be
  // saved.
  [[nodiscard]] static Result<KeyPair> elsewhere(const PublicKey& key);
  // Shows this certificate from now on where it is shown itself, in the client role; once. It must be for this key.
  [[nodiscard]] Result<> certify(Bytes certificate);
  // In OpenSSH's format, mode 0600. The file must not exist; after an error it does not.
  [[nodiscard]] Result<> save(const std::filesystem::path& file) const;

  [[nodiscard]] const PublicKey& public_key() const { return public_; }
  [[nodiscard]] bool is_elsewhere() const { return is_elsewhere_; }
  // By this algorithm, as SSH calls it, in the encoding of RFC 4253 section 6.6; nothing when the key does not sign so.
  // Threads may do it at the same time.
  [[nodiscard]] std::optional<ByteVector> sign(const std::string& algorithm, Bytes data) const;
  // Owned by the pair. Signing with it does not change it: threads may share it.
  [[nodiscard]] ssh_key_struct* native() const { return key_.get(); }

 private:
  struct FreeKey {
    void operator()(ssh_key_struct* key) const;
  };
  using Key = std::unique_ptr<ssh_key_struct, FreeKey>;

  KeyPair(Key key, PublicKey public_key) : key_(std::move(key)), public_(std::move(public_key)) {}
  static Result<KeyPair> own(ssh_key_struct* key);

  Key key_;
  PublicKey public_;
  bool is_elsewhere_ = false;
};

}  // namespace bastion::transport
