#include "bastion/follow/json_values.h"

namespace bastion::follow {

const nlohmann::json& child_of(const nlohmann::json& object, const char* name) {
  static const nlohmann::json kNothing;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : kNothing;
}

std::string text_in(const nlohmann::json& object, const char* name) {
  const auto& value = child_of(object, name);
  return value.is_string() ? value.get<std::string>() : value.is_number() ? value.dump() : std::string{};
}

}  // namespace bastion::follow
