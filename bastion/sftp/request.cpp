#include "bastion/sftp/request.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bastion/base/wire_format.h"

namespace bastion::sftp {
namespace {

// The fields behind the number, up to the last one that is read: a string, a number of four or of eight bytes. What
// stands in `number` is the last one of four.
enum class Field : std::uint8_t { none, text, four, eight };
using Fields = std::array<Field, 5>;

constexpr auto kText = Field::text;
constexpr Fields kNothing{};
constexpr Fields kOne{kText};
constexpr Fields kTwo{kText, kText};

// Who may.
constexpr Permitted kBoth{};
constexpr Permitted kReaders{.read = true, .write = false};
constexpr Permitted kWriters{.read = false, .write = true};
constexpr Permitted kNobody{.read = false, .write = false};

struct Row {
  Type type;
  std::string_view word;
  Fields fields;
  Permitted to;
};
constexpr auto kRequests = std::to_array<Row>({
    {Type::init, "init", kNothing, kBoth},
    {Type::open, "open", {kText, Field::four}, kNobody},
    {Type::close, "close", kOne, kBoth},
    {Type::read, "read", {kText, Field::eight, Field::four}, kReaders},
    {Type::write, "write", {kText, Field::eight, Field::four}, kWriters},
    {Type::lstat, "lstat", kOne, kBoth},
    {Type::fstat, "fstat", kOne, kBoth},
    {Type::setstat, "setstat", kOne, kWriters},
    {Type::fsetstat, "fsetstat", kOne, kWriters},
    {Type::opendir, "opendir", kOne, kBoth},
    {Type::readdir, "readdir", kOne, kBoth},
    {Type::remove, "remove", kOne, kWriters},
    {Type::mkdir, "mkdir", kOne, kWriters},
    {Type::rmdir, "rmdir", kOne, kWriters},
    {Type::realpath, "realpath", kOne, kBoth},
    {Type::stat, "stat", kOne, kBoth},
    {Type::rename, "rename", kTwo, kWriters},
    {Type::readlink, "readlink", kOne, kBoth},
    {Type::symlink, "symlink", kTwo, kWriters},
});

struct ExtensionRow {
  std::string_view name;
  Fields fields;  // behind the name
  Permitted to;
};
constexpr auto kExtensions = std::to_array<ExtensionRow>({
    {"posix-rename@openssh.com", kTwo, kWriters},
    {"statvfs@openssh.com", kOne, kBoth},
    {"fstatvfs@openssh.com", kOne, kBoth},
    {"hardlink@openssh.com", kTwo, kWriters},
    {"fsync@openssh.com", kOne, kWriters},
    {"lsetstat@openssh.com", kOne, kWriters},
    {"limits@openssh.com", kNothing, kBoth},
    {"expand-path@openssh.com", kOne, kBoth},
    {"copy-data", {kText, Field::eight, Field::eight, kText}, kNobody},
    {"home-directory", kOne, kBoth},
    {"users-groups-by-id@openssh.com", kNothing, kBoth},
});
// A name that is longer is none of these, nor of any server's.
constexpr std::size_t kLongestExtension = 64;

constexpr std::size_t kEight = 8;

const Row* row_of(Type type) {
  const auto* const found = std::ranges::find(kRequests, type, &Row::type);
  return found == kRequests.end() ? nullptr : found;
}

const ExtensionRow* row_of(std::string_view extension) {
  const auto* const found = std::ranges::find(kExtensions, extension, &ExtensionRow::name);
  return found == kExtensions.end() ? nullptr : found;
}

// Reads fields for as long as there are bytes.
class FieldReader {
 public:
  explicit FieldReader(Bytes body) : body_(body) {}

  // Empty where a field does not end in what there is.
  std::string_view text(std::size_t longest) {
    const auto size = number();
    if (!ok_) return {};
    if (size > longest) {
      is_cut_ = true;
      return text_of(take(longest));
    }
    return text_of(take(size));
  }
  std::uint32_t number() {
    const auto bytes = take(kNumberSize);
    return ok_ ? WireReader(bytes).u32() : 0;
  }
  Bytes take(std::size_t count) {
    if (!ok_) return {};
    needed_ = at_ + count;
    ok_ = needed_ <= body_.size();
    if (!ok_) return {};
    return body_.subspan(std::exchange(at_, needed_), count);
  }

  [[nodiscard]] bool ok() const { return ok_; }
  // A string was longer than it may be: nothing behind it is read.
  [[nodiscard]] bool is_cut() const { return is_cut_; }
  // Up to where it has read, or to where the field goes that does not end in what there is.
  [[nodiscard]] std::size_t needed() const { return needed_; }

 private:
  Bytes body_;
  std::size_t at_ = 0;
  std::size_t needed_ = 0;
  bool ok_ = true;
  bool is_cut_ = false;
};

bool goes_on(const FieldReader& in) { return in.ok() && !in.is_cut(); }

void read_fields(FieldReader& in, const Fields& fields, Request& request) {
  bool has_first = false;
  for (const auto field : fields) {
    if (field == Field::none || !goes_on(in)) return;
    if (field == Field::text) (std::exchange(has_first, true) ? request.second : request.first) = in.text(kLongestName);
    if (field == Field::four) request.number = in.number();
    if (field == Field::eight) in.take(kEight);
  }
}

Request read_request(FieldReader& in) {
  Request request;
  const auto type = in.take(1);
  if (!in.ok()) return request;
  request.type = Type{type[0]};
  request.id = in.number();
  if (!in.ok()) return request;
  if (request.type == Type::extended) {
    request.extension = in.text(kLongestExtension);
    if (request.extension.ends_with('\0')) request.extension.remove_suffix(1);  // as sftp-server reads it
    const auto* const row = goes_on(in) ? row_of(request.extension) : nullptr;
    if (row != nullptr) read_fields(in, row->fields, request);
  } else if (const auto* const row = row_of(request.type)) {
    read_fields(in, row->fields, request);
  }
  request.is_cut = in.is_cut();
  return request;
}

bool permits_open(const Permitted& permitted, std::uint32_t how) {
  constexpr auto kWriting = kOpenWrite | kOpenAppend | kOpenCreate | kOpenTruncate | kOpenExclusive;
  if ((how & ~(kOpenRead | kWriting)) != 0) return false;
  // What is not opened to be written is opened to be read, whatever it says.
  const bool reads = (how & kOpenRead) != 0 || (how & kOpenWrite) == 0;
  const bool writes = (how & kWriting) != 0;
  return (permitted.read || !reads) && (permitted.write || !writes);
}

bool allows(const Permitted& to, const Permitted& permitted) {
  return (permitted.read && permitted.write) || (permitted.read && to.read) || (permitted.write && to.write);
}

}  // namespace

std::size_t request_head(Bytes body) {
  FieldReader in(body);
  read_request(in);
  return std::max<std::size_t>(in.needed(), 1);
}

std::optional<Request> parse_request(Bytes body) {
  FieldReader in(body);
  auto request = read_request(in);
  if (!in.ok() || body.size() < kLeastPacket) return std::nullopt;
  return request;
}

std::string_view word_of(const Request& request) {
  if (request.type == Type::extended) return request.extension;
  const auto* const row = row_of(request.type);
  return row == nullptr ? "unknown" : row->word;
}

bool is_known(const Request& request) {
  return request.type == Type::extended ? row_of(request.extension) != nullptr : row_of(request.type) != nullptr;
}

bool permits(const Permitted& permitted, const Request& request) {
  if (permitted.read && permitted.write) return true;
  if (request.is_cut) return false;
  if (request.type == Type::open) return permits_open(permitted, request.number);
  if (request.type != Type::extended) return permits_all(permitted, request.type);
  const auto* const row = row_of(request.extension);
  return row != nullptr && allows(row->to, permitted);
}

bool permits_all(const Permitted& permitted, Type type) {
  const auto* const row = row_of(type);
  return row != nullptr && allows(row->to, permitted);
}

}  // namespace bastion::sftp
