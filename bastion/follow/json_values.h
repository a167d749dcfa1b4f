// Values of somebody else's document, which may have any shape: what is not there, or of another kind, is empty.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace bastion::follow {

// A member of an object; null where there is none.
[[nodiscard]] const nlohmann::json& child_of(const nlohmann::json& object, const char* name);
// A member that is a text, or a number as it would be written.
[[nodiscard]] std::string text_in(const nlohmann::json& object, const char* name);

}  // namespace bastion::follow
