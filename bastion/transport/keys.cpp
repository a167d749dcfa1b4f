#include "bastion/transport/keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "bastion/base/base64.h"
#include "bastion/base/whole_file.h"
#include "bastion/base/wire_format.h"
#include "bastion/transport/host_certificate.h"
#include "bastion/transport/libssh_private.h"

namespace bastion::transport {
namespace {

constexpr std::size_t kMinRsaBits = 2048;
constexpr std::size_t kMaxRsaBits = 16384;
constexpr std::size_t kMaxExponentBits = 32;
constexpr int kNewRsaBits = 3072;
constexpr std::size_t kLargestKeyFile = std::size_t{64} * 1024;

struct FreeKey {
  void operator()(ssh_key key) const { ssh_key_free(key); }
};
using Key = std::unique_ptr<ssh_key_struct, FreeKey>;

std::string base64_of(Bytes bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

constexpr std::array<std::string_view, 7> kAcceptedTypes{"ssh-ed25519",
                                                         "ecdsa-sha2-nistp256",
                                                         "ecdsa-sha2-nistp384",
                                                         "ecdsa-sha2-nistp521",
                                                         "ssh-rsa",
                                                         "sk-ssh-ed25519@openssh.com",
                                                         "sk-ecdsa-sha2-nistp256@openssh.com"};

// The sizes of what a key holds, behind its type (RFC 8032, RFC 5656, OpenSSH's PROTOCOL.u2f).
constexpr std::size_t kEd25519Size = 32;
struct Curve {
  std::string_view name;
  std::size_t point_size;  // uncompressed
};
constexpr std::array<Curve, 3> kCurves{{{"nistp256", 65}, {"nistp384", 97}, {"nistp521", 133}}};
constexpr std::uint8_t kUncompressed = 4;

Error damaged(std::string_view type) {
  return Error{fmt::format("the key is damaged: what follows {} is not such a key", type)};
}

// RFC 4251 section 5: a positive number, of how many bits. 0 where it is none, or not in its shortest form.
std::size_t bits_of(Bytes number) {
  if (number.empty() || (number[0] & 0x80) != 0) return 0;
  if (number[0] == 0) {
    number = number.subspan(1);
    if (number.empty() || (number[0] & 0x80) == 0) return 0;
  }
  return 8 * number.size() - static_cast<std::size_t>(std::countl_zero(number[0]));
}

bool is_point(std::string_view key_type, WireReader& in) {
  const auto curve = in.text();
  const auto point = in.string();
  const auto found = std::ranges::find(kCurves, curve, &Curve::name);
  return found != kCurves.end() && key_type.find(curve) != std::string_view::npos &&
         point.size() == found->point_size && point[0] == kUncompressed;
}

std::optional<Error> objection_to_rsa(WireReader& in) {
  const auto exponent = in.string();
  const auto modulus = bits_of(in.string());
  const auto exponent_bits = bits_of(exponent);
  const bool is_odd = !exponent.empty() && (exponent.back() & 1) != 0;
  if (!in.ok() || modulus == 0 || !is_odd || exponent_bits < 2) return damaged("ssh-rsa");
  if (modulus < kMinRsaBits) {
    return Error{
        fmt::format("an RSA key needs {} bits or more: make a new one with ssh-keygen -t ed25519", kMinRsaBits)};
  }
  if (modulus > kMaxRsaBits) return Error{fmt::format("an RSA key may have {} bits at most", kMaxRsaBits)};
  if (exponent_bits > kMaxExponentBits) {
    return Error{"the exponent of the RSA key is too large: make a new one with ssh-keygen -t ed25519"};
  }
  return std::nullopt;
}

std::string_view next_word(std::string_view& text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  text.remove_prefix(begin == std::string_view::npos ? text.size() : begin);
  const auto word = text.substr(0, text.find_first_of(" \t\r\n"));
  text.remove_prefix(word.size());
  return word;
}

// What people paste instead of a public key, and what to tell them.
std::optional<Error> known_mistake(std::string_view line, std::string_view type) {
  if (line.find("PRIVATE KEY") != std::string_view::npos) {
    return Error{"this is a private key: keep it secret, and give the file that ends in .pub"};
  }
  if (type == "ssh-dss") return Error{"DSA keys are not accepted any more: make a new one with ssh-keygen -t ed25519"};
  if (type.find("-cert-v01@") != std::string_view::npos) {
    return Error{"this is a certificate: give the plain public key it was made for"};
  }
  for (const auto accepted : kAcceptedTypes) {
    if (type == accepted) return std::nullopt;
  }
  return Error{"this is not a public key: it looks like \"ssh-ed25519 AAAA… comment\", as in a .pub file"};
}

}  // namespace

Result<PublicKey> public_key_of(ssh_key key) {
  const auto blob = bastion_ssh_public_blob(key);
  if (blob == nullptr) return fail("the key cannot be read");
  const auto* const bytes = static_cast<const std::uint8_t*>(ssh_string_data(blob));
  auto result = public_key_from_blob({bytes, ssh_string_len(blob)});
  ssh_string_free(blob);
  return result;
}

std::span<const std::string_view> accepted_key_types() { return kAcceptedTypes; }

std::optional<Error> objection(const PublicKey& key) {
  WireReader in(key.blob);
  const std::string_view type = in.text();
  if (type != key.type || std::ranges::find(kAcceptedTypes, type) == kAcceptedTypes.end()) {
    return Error{"the key is of no type that is accepted"};
  }
  const bool is_security_key = type.starts_with("sk-");
  bool is_well_made = true;
  if (type == "ssh-rsa") {
    if (auto why = objection_to_rsa(in)) return why;
  } else if (type.find("ed25519") != std::string_view::npos) {
    is_well_made = in.string().size() == kEd25519Size;
  } else {
    is_well_made = is_point(type, in);
  }
  if (is_security_key) in.string();  // the application
  if (!is_well_made || !in.at_end()) return damaged(type);
  return std::nullopt;
}

Result<PublicKey> public_key_from_blob(Bytes blob) {
  WireReader in(blob);
  const auto type = in.text();
  if (!in.ok() || type.empty()) return fail("the key is malformed");
  return PublicKey{.type = std::string(type), .blob = {blob.begin(), blob.end()}};
}

Result<NamedKey> parse_public_key(std::string_view line) {
  auto rest = line;
  const std::string type{next_word(rest)};
  const std::string base64{next_word(rest)};
  if (auto mistake = known_mistake(line, type)) return std::unexpected(*std::move(mistake));
  const auto comment_begin = rest.find_first_not_of(" \t");
  auto comment = comment_begin == std::string_view::npos ? std::string_view{} : rest.substr(comment_begin);
  comment = comment.substr(0, comment.find_last_not_of(" \t\r\n") + 1);
  if (comment.find_first_of("\r\n") != std::string_view::npos) return fail("this is more than one line: give one key");

  const auto decoded = decode_base64(base64);
  auto named = decoded ? public_key_from_blob(bytes_of(*decoded)) : fail("not base64");
  if (!named || named->type != type) return std::unexpected(damaged(type));
  if (auto why = objection(*named)) return std::unexpected(*std::move(why));
  // libssh knows what we do not: whether a point is on its curve.
  ssh_key raw = nullptr;
  if (ssh_pki_import_pubkey_base64(base64.c_str(), ssh_key_type_from_name(type.c_str()), &raw) != SSH_OK) {
    return std::unexpected(damaged(type));
  }
  const Key key(raw);
  auto parsed = public_key_of(raw);
  if (!parsed) return std::unexpected(parsed.error());
  return NamedKey{.key = *std::move(parsed), .comment = std::string(comment)};
}

std::string fingerprint(Bytes blob) {
  if (is_certificate(blob)) {
    if (const auto key = key_in_certificate(blob)) return fingerprint(key->blob);
  }
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(blob.data(), blob.size(), digest.data(), &size, EVP_sha256(), nullptr);
  auto text = base64_of({digest.data(), size});
  text.erase(text.find_last_not_of('=') + 1);
  return "SHA256:" + text;
}

std::string to_line(const PublicKey& key, std::string_view comment) {
  auto line = key.type + " " + base64_of(key.blob);
  if (!comment.empty()) line.append(" ").append(comment);
  return line;
}

void KeyPair::FreeKey::operator()(ssh_key key) const { ssh_key_free(key); }

Result<KeyPair> KeyPair::own(ssh_key key) {
  Key owned(key);
  auto public_key = public_key_of(key);
  if (!public_key) return std::unexpected(public_key.error());
  return KeyPair(std::move(owned), *std::move(public_key));
}

Result<KeyPair> KeyPair::generate(Kind kind) {
  const std::unique_ptr<ssh_pki_ctx_struct, void (*)(ssh_pki_ctx)> context(ssh_pki_ctx_new(), ssh_pki_ctx_free);
  ssh_pki_ctx_options_set(context.get(), SSH_PKI_OPTION_RSA_KEY_SIZE, &kNewRsaBits);
  auto type = SSH_KEYTYPE_ED25519;
  if (kind == Kind::ecdsa) type = SSH_KEYTYPE_ECDSA_P256;
  if (kind == Kind::rsa) type = SSH_KEYTYPE_RSA;
  ssh_key key = nullptr;
  if (ssh_pki_generate_key(type, context.get(), &key) != SSH_OK) return fail("no key could be made");
  return own(key);
}

Result<KeyPair> KeyPair::load(const std::filesystem::path& file, Readers readers) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return fail("{}: {}", file.string(), std::strerror(errno));
  if (readers == Readers::owner && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail("{}: others may read this private key; chmod 600 it", file.string());
  }
  auto text = read_whole_file(file, kLargestKeyFile, Waiting::refused);
  if (!text) return std::unexpected(std::move(text.error()));
  if (text->empty()) return fail("{}: this file is empty, and no private key", file.string());
  ssh_key key = nullptr;
  const auto read = ssh_pki_import_privkey_base64(text->c_str(), nullptr, nullptr, nullptr, &key);
  OPENSSL_cleanse(text->data(), text->size());
  if (read != SSH_OK) return fail("{}: this is not a private key without a passphrase", file.string());
  return own(key);
}

Result<KeyPair> KeyPair::elsewhere(const PublicKey& key) {
  auto* const known = bastion_ssh_key_elsewhere(key.blob.data(), key.blob.size());
  if (known == nullptr) return fail("the key cannot be read");
  auto pair = own(known);
  if (pair) pair->is_elsewhere_ = true;
  return pair;
}

Result<KeyPair> KeyPair::load_either_half(const std::filesystem::path& file, Readers readers) {
  auto path = file;
  struct stat status{};
  if (::lstat(file.c_str(), &status) != 0 && errno == ENOENT) {
    path += ".pub";
    if (::lstat(path.c_str(), &status) != 0) return load(file, readers);
  }
  auto text = read_whole_file(path, kLargestKeyFile, Waiting::refused);
  if (!text) return std::unexpected(std::move(text.error()));
  const auto named = parse_public_key(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!named && path == file) return load(file, readers);
  if (!named) return fail("{}: {}", path.string(), named.error().text);
  if (named->key.type.starts_with("sk-")) {
    return fail("{}: a key of the type {} signs only when somebody touches it", path.string(), named->key.type);
  }
  return elsewhere(named->key);
}

std::optional<ByteVector> KeyPair::sign(const std::string& algorithm, Bytes data) const {
  auto* const signature = bastion_ssh_sign_as(key_.get(), algorithm.c_str(), data.data(), data.size());
  if (signature == nullptr) return std::nullopt;
  const auto* const bytes = static_cast<const std::uint8_t*>(ssh_string_data(signature));
  ByteVector copy(bytes, bytes + ssh_string_len(signature));
  ssh_string_free(signature);
  return copy;
}

Result<> KeyPair::certify(Bytes certificate) {
  WireReader in(certificate);
  const std::string type{in.text()};
  ssh_key raw = nullptr;
  if (ssh_pki_import_cert_base64(base64_of(certificate).c_str(), ssh_key_type_from_name(type.c_str()), &raw) !=
      SSH_OK) {
    return fail("the certificate cannot be read");
  }
  const Key shown(raw);
  if (ssh_pki_copy_cert_to_privkey(raw, key_.get()) != SSH_OK) return fail("the certificate is not for this key");
  return {};
}

Result<> KeyPair::save(const std::filesystem::path& file) const {
  char* text = nullptr;
  if (ssh_pki_export_privkey_base64_format(key_.get(), nullptr, nullptr, nullptr, &text, SSH_FILE_FORMAT_OPENSSH) !=
      SSH_OK) {
    return fail("{}: the key cannot be written", file.string());
  }
  const std::unique_ptr<char, void (*)(char*)> owned(text, ssh_string_free_char);
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return fail("{}: {}", file.string(), std::strerror(errno));
  const auto size = std::strlen(text);
  const bool written = ::write(fd, text, size) == static_cast<ssize_t>(size) && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (written) return {};
  ::unlink(file.c_str());
  return fail("{}: {}", file.string(), std::strerror(error));
}

}  // namespace bastion::transport
