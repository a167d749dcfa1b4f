#include "bastion/access/invitation.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "bastion/base/random.h"
#include "bastion/base/sha256.h"

namespace bastion::access {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t kLength = 26;
// Of the first one: names begin with a letter.
constexpr std::uint8_t kFirst = 15;
constexpr std::uint8_t kOther = 31;

bool is_word(std::string_view text) {
  return text.size() == kLength && text.front() >= 'a' && text.front() <= 'z' &&
         text.find_first_not_of(kLetters) == std::string_view::npos;
}

}  // namespace

Result<std::string> new_invitation() {
  const auto bytes = random_bytes(kLength);
  if (!bytes) return std::unexpected(bytes.error());
  std::string word;
  for (const auto byte : *bytes) word += kLetters[byte & (word.empty() ? kFirst : kOther)];
  return word;
}

ByteVector hash_of_invitation(std::string_view word) {
  const auto hash = sha256({bytes_of(word)});
  return {hash.begin(), hash.end()};
}

std::optional<std::string> invitation_in(const std::optional<Target>& target) {
  if (!target || target->user != kInvite || target->owner || !target->container) return std::nullopt;
  return is_word(*target->container) ? target->container : std::nullopt;
}

std::string without_invitation(std::string_view user_name) {
  return invitation_in(parse_target(user_name)) ? std::string(kInvite) + "+..." : std::string(user_name);
}

}  // namespace bastion::access
