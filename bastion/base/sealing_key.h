// The key by which secrets of users are sealed that stand in the database: AES-256-GCM (NIST SP 800-38D), with a random
// nonce for each. It is a file of the state directory, and in no copy of the database.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion {

class SealingKey {
 public:
  // A file with its text, which nobody but its owner may read. The error begins with its name.
  [[nodiscard]] static Result<SealingKey> load(const std::filesystem::path& file);
  // As a credential (systemd.exec(5)), of which the service manager says who reads it.
  [[nodiscard]] static Result<SealingKey> load_credential(const std::filesystem::path& file);
  // Makes the file, for the owner of the folder it is in; one that is there is left alone.
  [[nodiscard]] static Result<> make(const std::filesystem::path& file);
  // load(), and make() before where there is none but a folder for it.
  [[nodiscard]] static Result<SealingKey> load_or_make(const std::filesystem::path& file);

  // `about` is what the secret is of: it is opened for nothing else.
  [[nodiscard]] Result<ByteVector> seal(Bytes secret, std::string_view about) const;
  // The error says when it was sealed by another key.
  [[nodiscard]] Result<ByteVector> unseal(Bytes sealed, std::string_view about) const;
  // Whether this one has sealed it, as far as it says so itself.
  [[nodiscard]] bool has_sealed(Bytes sealed) const;

 private:
  static constexpr std::size_t kIdSize = 8;

  SealingKey() = default;
  [[nodiscard]] static Result<SealingKey> parse(std::string_view text);

  std::array<std::uint8_t, 32> bytes_{};
  std::array<std::uint8_t, kIdSize> id_{};  // of SHA-256, as sealings name their key
};

}  // namespace bastion
