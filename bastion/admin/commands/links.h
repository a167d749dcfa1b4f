// What commands say of backends that dial in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"

namespace bastion::admin {

// Whether what is given of a new backend fits together: it has an address, or it dials in with a key.
[[nodiscard]] Result<> check_reverse(const Arguments& arguments);
// --key, where it is given.
[[nodiscard]] Result<> set_link_key(Context& context, const Arguments& arguments, std::int64_t backend);
// The key that its machine dials in with, and the links to this bastion.
[[nodiscard]] Result<std::vector<Field>> shown_links(Context& context, std::int64_t backend);
// For the row in the audit: behind the name of the backend.
[[nodiscard]] std::string link_key_of(const Arguments& arguments);

}  // namespace bastion::admin
