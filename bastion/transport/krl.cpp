#include "bastion/transport/krl.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <utility>

#include "bastion/base/fingerprint.h"
#include "bastion/base/printable.h"
#include "bastion/base/wire_format.h"

namespace bastion::transport {
namespace {

constexpr std::string_view kKrlMagic{"SSHKRL\n\0", 8};
constexpr std::uint32_t kKrlFormat = 1;
constexpr std::size_t kSha1Size = 20;
constexpr std::size_t kSha256Size = 32;
constexpr std::size_t kLongestKeyId = 4096;
constexpr std::size_t kLongestExtension = 64;

enum class Section : std::uint8_t {
  certificates = 1,
  explicit_keys = 2,
  sha1_fingerprints = 3,
  signature = 4,
  sha256_fingerprints = 5,
  extension = 255,
};
enum class CertificateSection : std::uint8_t {
  serial_list = 0x20,
  serial_range = 0x21,
  serial_bitmap = 0x22,
  key_ids = 0x23,
  extension = 0x39,
};

std::unexpected<Error> malformed_krl() { return fail("the KRL is malformed"); }

// What each part may add is bounded by what all of them may.
class KrlParser {
 public:
  Result<Krl> parse(Bytes bytes) {
    WireReader in(bytes);
    if (auto header = parse_header(in); !header) return std::unexpected(std::move(header.error()));
    while (!in.at_end()) {
      const auto section = in.u8();
      const auto data = in.string();
      if (!in.ok()) return malformed_krl();
      if (auto parsed = parse_section(section, data); !parsed) return std::unexpected(std::move(parsed.error()));
    }
    return std::move(krl_);
  }

 private:
  static Result<> parse_header(WireReader& in) {
    std::string magic;
    for (std::size_t i = 0; i < kKrlMagic.size(); ++i) magic += static_cast<char>(in.u8());
    if (!in.ok() || magic != kKrlMagic) return fail("this is no KRL: `ssh-keygen -k` makes one");
    const auto format = in.u32();
    in.u64();     // its version
    in.u64();     // when it was made
    in.u64();     // flags: there are none
    in.string();  // reserved
    in.string();  // the comment
    if (!in.ok()) return malformed_krl();
    if (format != kKrlFormat) return fail("the KRL is of format {}; {} is the one there is", format, kKrlFormat);
    return {};
  }

  Result<> parse_section(std::uint8_t section, Bytes data) {
    switch (Section{section}) {
      case Section::certificates: return parse_certificates(data);
      case Section::explicit_keys:
        return each_string(data, [this](Bytes key) { return add_key(sha256_fingerprint(key), !key.empty()); });
      case Section::sha1_fingerprints:
        return each_string(
            data, [this](Bytes hash) { return add_key(fingerprint_text("SHA1", hash), hash.size() == kSha1Size); });
      case Section::sha256_fingerprints:
        return each_string(
            data, [this](Bytes hash) { return add_key(fingerprint_text("SHA256", hash), hash.size() == kSha256Size); });
      case Section::signature:
        return fail("the KRL is signed, which is not supported: `ssh-keygen -k` makes one that is not");
      case Section::extension: return pass_extension(data);
      default: return fail("the KRL has a section {}, which is not known", section);
    }
  }

  Result<> parse_certificates(Bytes data) {
    WireReader in(data);
    const auto ca = in.string();
    in.string();  // reserved
    if (!in.ok()) return malformed_krl();
    krl_.certificates.push_back({.ca = {ca.begin(), ca.end()}});
    while (!in.at_end()) {
      const auto section = in.u8();
      const auto part = in.string();
      if (!in.ok()) return malformed_krl();
      if (auto parsed = parse_part(section, part); !parsed) return parsed;
    }
    join_serials();
    return {};
  }

  Result<> parse_part(std::uint8_t section, Bytes data) {
    WireReader in(data);
    switch (CertificateSection{section}) {
      case CertificateSection::serial_list:
        while (!in.at_end()) {
          const auto serial = in.u64();
          if (!in.ok()) return malformed_krl();
          if (auto added = add_serials(serial, serial); !added) return added;
        }
        return {};
      case CertificateSection::serial_range: {
        const auto first = in.u64();
        const auto last = in.u64();
        return in.at_end() ? add_serials(first, last) : malformed_krl();
      }
      case CertificateSection::serial_bitmap: {
        const auto offset = in.u64();
        const auto bitmap = in.string();
        return in.at_end() ? parse_bitmap(offset, bitmap) : malformed_krl();
      }
      case CertificateSection::key_ids: return each_string(data, [this](Bytes id) { return add_key_id(text_of(id)); });
      case CertificateSection::extension: return pass_extension(data);
      default: return fail("the KRL has a section of certificates {}, which is not known", section);
    }
  }

  // A number, the highest byte first: bit N is the serial `offset` + N.
  Result<> parse_bitmap(std::uint64_t offset, Bytes bitmap) {
    while (!bitmap.empty() && bitmap.front() == 0) bitmap = bitmap.subspan(1);
    const std::uint64_t bits = bitmap.empty() ? 0 : 8 * (bitmap.size() - 1) + std::bit_width(bitmap.front());
    if (bits > std::numeric_limits<std::uint64_t>::max() - offset) return malformed_krl();
    std::uint64_t begun = bits;  // where a run of ones began; `bits`: there is none
    for (std::uint64_t bit = 0; bit < bits; ++bit) {
      const auto byte = bitmap[bitmap.size() - 1 - bit / 8];
      const bool is_set = (byte >> (bit % 8) & 1) != 0;
      if (is_set && begun == bits) begun = bit;
      if (is_set || begun == bits) continue;
      if (auto added = add_serials(offset + begun, offset + bit - 1); !added) return added;
      begun = bits;
    }
    return begun == bits ? Result<>{} : add_serials(offset + begun, offset + bits - 1);
  }

  static Result<> pass_extension(Bytes data) {
    WireReader in(data);
    const auto name = in.text();
    const auto is_critical = in.boolean();
    in.string();
    if (!in.at_end()) return malformed_krl();
    if (!is_critical) return {};
    return fail("the KRL has the critical extension {}, which is not known",
                printable_on_one_line(name, kLongestExtension));
  }

  static Result<> each_string(Bytes data, auto take) {
    WireReader in(data);
    while (!in.at_end()) {
      const auto string = in.string();
      if (!in.ok()) return malformed_krl();
      if (auto taken = take(string); !taken) return taken;
    }
    return {};
  }

  Result<> count() {
    if (++count_ <= kMostRevoked) return {};
    return fail("the KRL revokes more than {} things, which is all there may be", kMostRevoked);
  }

  Result<> add_key(std::string fingerprint, bool is_whole) {
    if (!is_whole) return malformed_krl();
    krl_.keys.push_back(std::move(fingerprint));
    return count();
  }

  Result<> add_key_id(std::string_view id) {
    if (id.empty() || id.size() > kLongestKeyId) return malformed_krl();
    krl_.certificates.back().key_ids.emplace_back(id);
    return count();
  }

  // As in ssh-keygen, 0 is no serial: certificates have it that were given none.
  Result<> add_serials(std::uint64_t first, std::uint64_t last) {
    if (first == 0 || first > last) return malformed_krl();
    krl_.certificates.back().serials.push_back({first, last});
    return count();
  }

  void join_serials() {
    auto& all = krl_.certificates.back().serials;
    std::ranges::sort(all, {}, &SerialRange::first);
    std::vector<SerialRange> joined;
    for (const auto& range : all) {
      if (!joined.empty() && range.first - 1 <= joined.back().last) {
        joined.back().last = std::max(joined.back().last, range.last);
      } else {
        joined.push_back(range);
      }
    }
    all = std::move(joined);
  }

  Krl krl_;
  std::size_t count_ = 0;
};

}  // namespace

std::size_t Krl::size() const {
  return std::accumulate(certificates.begin(), certificates.end(), keys.size(), [](std::size_t sum, const OfCa& one) {
    return sum + one.serials.size() + one.key_ids.size();
  });
}

Result<Krl> parse_krl(Bytes bytes) {
  if (bytes.size() > kLargestKrl) return fail("the KRL is larger than {} MiB", kLargestKrl / (1024 * 1024));
  return KrlParser().parse(bytes);
}

}  // namespace bastion::transport
