#include "bastion/admin/grammar/standard_input.h"

#include <utility>

namespace bastion::admin {
namespace {

constexpr std::size_t kKilobyte = 1024;
constexpr std::size_t kPiece = 256 * kKilobyte;
constexpr std::size_t kLongestKey = 64 * kKilobyte;  // far more than any key; a disk image sent by mistake is no key
// 100,000 users, each with a container and three RSA keys of 3072 bits.
constexpr std::size_t kLongestDocument = 256 * kKilobyte * kKilobyte;

std::size_t longest(StandardInput::Kind kind) {
  return kind == StandardInput::Kind::key ? kLongestKey : kLongestDocument;
}

Error too_long(StandardInput::Kind kind) {
  if (kind == StandardInput::Kind::key) return {"standard input: this is too long to be a key or a password"};
  return {"standard input: this is longer than the 256 MiB that a document may have; nothing was changed"};
}

}  // namespace

StandardInput StandardInput::none(Error why) {
  StandardInput input(Kind::key);
  input.none_ = std::move(why);
  return input;
}

StandardInput StandardInput::taken_by_commands() {
  return none(
      {"standard input has the commands already: write a key itself in place of -, and give what reads a document by "
       "itself: ssh -s NAME@bastion admin apply - < FILE"});
}

bool StandardInput::add(std::string_view text) {
  if (none_) return false;
  size_ += text.size();
  if (size_ > longest(kind_)) {
    none_ = too_long(kind_);
    pieces_.clear();
    return false;
  }
  if (pieces_.empty() || pieces_.back().size() + text.size() > kPiece) pieces_.emplace_back().reserve(kPiece);
  pieces_.back() += text;
  return true;
}

Result<std::string> StandardInput::text() const {
  if (none_) return std::unexpected(*none_);
  std::string text;
  text.reserve(size_);
  for (const auto& piece : pieces_) text += piece;
  return text;
}

}  // namespace bastion::admin
