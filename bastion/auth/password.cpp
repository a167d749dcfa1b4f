#include "bastion/auth/password.h"

#include <algorithm>
#include <array>

#include "bastion/auth/one_time_code.h"
#include "bastion/base/random.h"
#include "bastion/base/wire_format.h"

namespace bastion::auth {
namespace {

constexpr std::size_t kRandomSize = 10;

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }

}  // namespace

bool can_be_password(std::string_view text) { return !text.empty() && text.size() <= kLongestPassword; }

std::optional<PasswordClaim> claimed_password(Bytes fields) {
  WireReader in(fields);
  const bool changes = in.boolean();
  PasswordClaim claim{.password = std::string(in.text())};
  if (changes) claim.next = std::string(in.text());
  return in.at_end() && can_be_password(claim.password) ? std::optional(std::move(claim)) : std::nullopt;
}

std::optional<Error> objection_to_password(std::string_view text) {
  if (text.size() > kLongestPassword) return Error{"a password has 1024 bytes at most"};
  if (std::ranges::count_if(text, begins_character) < static_cast<std::ptrdiff_t>(kShortestPassword)) {
    return Error{"a password has 12 characters at least"};
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(text, is_control)) return Error{"a password has no control characters, and is one line"};
  if (std::ranges::all_of(text, [&](char c) { return c == text.front(); })) {
    return Error{"a password is not one character again and again"};
  }
  return std::nullopt;
}

Result<std::string> new_password() {
  const auto bytes = random_bytes(kRandomSize);
  if (!bytes) return std::unexpected(bytes.error());
  auto text = base32(*bytes);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const std::size_t at : {std::size_t{12}, std::size_t{8}, std::size_t{4}}) text.insert(at, "-");
  return text;
}

}  // namespace bastion::auth
