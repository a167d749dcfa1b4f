#include "bastion/base/sealing_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <system_error>
#include <tuple>

#include "bastion/base/aes_gcm.h"
#include "bastion/base/inherit_owner.h"
#include "bastion/base/sha256.h"
#include "bastion/base/whole_file.h"

namespace bastion {
namespace {

constexpr std::string_view kPrefix = "seal-";
constexpr std::size_t kLongestFile = 256;

// What is sealed: version, id of the key, nonce, what AES-256-GCM made of it, tag. The first two are authenticated too.
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kNonceSize = std::tuple_size_v<aes_gcm::Nonce>;

std::unexpected<Error> refused() { return fail("OpenSSL refuses to seal a secret"); }

Result<> write_new(const std::filesystem::path& file, std::string_view text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0 && errno == EEXIST) return {};
  if (fd < 0) return fail("{}: {}", file.string(), std::strerror(errno));
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (written) return inherit_owner(file);
  ::unlink(file.c_str());
  return fail("{}: {}", file.string(), std::strerror(error));
}

}  // namespace

Result<SealingKey> SealingKey::parse(std::string_view text) {
  SealingKey key;
  while (text.ends_with('\n')) text.remove_suffix(1);
  bool good = text.starts_with(kPrefix) && text.size() == kPrefix.size() + 2 * key.bytes_.size();
  if (good) text.remove_prefix(kPrefix.size());
  for (std::size_t at = 0; good && at < key.bytes_.size(); ++at) {
    const auto* const digits = text.data() + 2 * at;
    const auto [end, error] = std::from_chars(digits, digits + 2, key.bytes_.at(at), 16);
    good = error == std::errc{} && end == digits + 2;
  }
  if (!good) return fail("this is no key to seal secrets with");
  const auto hash = sha256({key.bytes_});
  std::copy_n(hash.begin(), kIdSize, key.id_.begin());
  return key;
}

Result<SealingKey> SealingKey::load(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return fail("{}: {}", file.string(), std::strerror(errno));
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail("{}: others than its owner may read it: chmod 600", file.string());
  }
  return load_credential(file);
}

Result<SealingKey> SealingKey::load_credential(const std::filesystem::path& file) {
  const auto text = read_whole_file(file, kLongestFile, Waiting::refused);
  if (!text) return std::unexpected(text.error());
  auto key = parse(*text);
  if (!key) return fail("{}: {}", file.string(), key.error().text);
  return key;
}

Result<> SealingKey::make(const std::filesystem::path& file) {
  std::array<std::uint8_t, sizeof(SealingKey::bytes_)> bytes{};
  if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return refused();
  return write_new(file, fmt::format("{}{:02x}\n", kPrefix, fmt::join(bytes, "")));
}

Result<SealingKey> SealingKey::load_or_make(const std::filesystem::path& file) {
  std::error_code unknown;
  if (!std::filesystem::exists(file, unknown) && std::filesystem::exists(file.parent_path(), unknown)) {
    if (auto made = make(file); !made) return std::unexpected(made.error());
  }
  return load(file);
}

Result<ByteVector> SealingKey::seal(Bytes secret, std::string_view about) const {
  aes_gcm::Nonce nonce{};
  if (RAND_bytes(nonce.data(), static_cast<int>(nonce.size())) != 1) return refused();
  ByteVector sealed{kVersion};
  sealed.insert(sealed.end(), id_.begin(), id_.end());
  const auto hidden = aes_gcm::encrypt(bytes_, nonce, secret, {sealed, bytes_of(about)});
  if (!hidden) return refused();
  sealed.insert(sealed.end(), nonce.begin(), nonce.end());
  sealed.insert(sealed.end(), hidden->begin(), hidden->end());
  return sealed;
}

bool SealingKey::has_sealed(Bytes sealed) const {
  return sealed.size() >= 1 + kIdSize + kNonceSize + aes_gcm::kTagSize && sealed.front() == kVersion &&
         std::ranges::equal(sealed.subspan(1, kIdSize), id_);
}

Result<ByteVector> SealingKey::unseal(Bytes sealed, std::string_view about) const {
  if (!has_sealed(sealed)) return fail("it was sealed with another key than the one that is here");
  const auto head = sealed.first(1 + kIdSize);
  aes_gcm::Nonce nonce{};
  std::ranges::copy(sealed.subspan(head.size(), kNonceSize), nonce.begin());
  auto secret = aes_gcm::decrypt(bytes_, nonce, sealed.subspan(head.size() + kNonceSize), {head, bytes_of(about)});
  if (!secret) return fail("it is damaged, or of somebody else");
  return *std::move(secret);
}

}  // namespace bastion
