// Several things in one sentence.
#pragma once

#include <string>
#include <vector>

#include "store/containers.h"

namespace bastion::admin {

// `db, web and 3 more`: for a sentence that says what is in the way.
[[nodiscard]] std::string some_of(const std::vector<std::string>& names);
[[nodiscard]] std::vector<std::string> names_of(const std::vector<store::Container>& containers);

}  // namespace bastion::admin
