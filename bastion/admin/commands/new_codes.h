// One-time codes that are made for somebody, who sees them once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bastion/admin/grammar/command.h"
#include "bastion/base/bytes.h"
#include "store/users.h"

namespace bastion::admin {

struct NewCodes {
  ByteVector secret;
  std::vector<std::string> recovery;
};
[[nodiscard]] Result<NewCodes> new_codes();

// In the place of nothing, or of those that they have.
enum class Codes : std::uint8_t { first, replaced };
// Call inside of a change.
[[nodiscard]] Result<> store_codes(Context& context, const store::User& user, const NewCodes& codes, Codes how);

// Whether there is room for what shown_once() shows.
[[nodiscard]] Result<> must_fit(const Context& context);
// With a QR code, for people; the error is that the terminal is too narrow for it. `issuer` is what a phone calls the
// bastion.
[[nodiscard]] Result<Answer> shown_once(const Context& context, const std::string& user, const std::string& issuer,
                                        const NewCodes& codes);

}  // namespace bastion::admin
