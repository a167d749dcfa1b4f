#include "bastion/admin/manifest/json_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/admin/manifest/checks.h"
#include "bastion/base/nearest.h"

namespace bastion::admin {

JsonFields::JsonFields(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
  if (!json.is_object()) error_ = Error{fmt::format("{}: this is no object with fields", where_)};
}

void JsonFields::is_about(std::string_view name) { where_ += fmt::format(" ({})", name); }

const JsonFields::Json* JsonFields::find(const char* name) {
  known_.emplace_back(name);
  if (error_) return nullptr;
  const auto found = json_.find(name);
  return found == json_.end() ? nullptr : &*found;
}

void JsonFields::fail_because(std::string_view name, std::string why) {
  if (!error_) error_ = Error{fmt::format("{}, {}: {}", where_, name, why)};
}

std::string JsonFields::required(const char* name, Check check) {
  auto found = text(name, check);
  if (!found) fail_because(name, "it is missing");
  return std::move(found).value_or(std::string{});
}

std::optional<std::string> JsonFields::text(const char* name, Check check) {
  const auto found = text_or_null(name, check);
  if (!found) return std::nullopt;
  if (!*found) fail_because(name, "it cannot be null");
  return *found;
}

std::optional<std::optional<std::string>> JsonFields::text_or_null(const char* name, Check check) {
  const auto* const found = find(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_null()) return std::optional<std::string>{};
  if (!found->is_string()) {
    fail_because(name, "this is no text: put it in quotes");
    return std::nullopt;
  }
  const auto& value = found->get_ref<const std::string&>();
  if (check != nullptr) {
    if (auto wrong = check(value)) {
      fail_because(name, *std::move(wrong));
      return std::nullopt;
    }
  }
  return value;
}

std::optional<bool> JsonFields::flag(const char* name) {
  const auto* const found = find(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_boolean()) return found->get<bool>();
  fail_because(name, "it is true or false");
  return std::nullopt;
}

std::optional<std::optional<std::int64_t>> JsonFields::count_or_null(const char* name) {
  const auto* const found = find(name);
  if (found == nullptr) return std::nullopt;
  if (found->is_null()) return std::optional<std::int64_t>{};
  constexpr std::int64_t kMost = 1'000'000;
  if (found->is_number_integer() && found->get<std::int64_t>() >= 1 && found->get<std::int64_t>() <= kMost) {
    return found->get<std::int64_t>();
  }
  fail_because(name, fmt::format("it is a number from 1 to {}, or null", kMost));
  return std::nullopt;
}

std::optional<std::optional<std::int64_t>> JsonFields::cap(const char* name) {
  const auto* const found = find(name);
  if (found == nullptr) return std::nullopt;
  const auto text = found->is_string() ? found->get<std::string>() : found->dump();
  if (auto wrong = check_cap(text)) {
    fail_because(name, *std::move(wrong));
    return std::nullopt;
  }
  return std::optional(cap_of(text));
}

std::optional<std::vector<std::string>> JsonFields::texts_or_null(const char* name) {
  const auto* const found = find(name);
  if (found == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  if (found->is_null()) return texts;
  const auto list = found->is_array() ? *found : Json::array({*found});
  for (const auto& one : list) {
    if (!one.is_string()) {
      fail_because(name, "this is no text: put it in quotes");
      return std::nullopt;
    }
    texts.push_back(one.get<std::string>());
  }
  return texts;
}

const JsonFields::Json* JsonFields::list(const char* name) {
  const auto* const found = find(name);
  if (found == nullptr || found->is_array()) return found;
  fail_because(name, "this is no list");
  return nullptr;
}

Result<> JsonFields::done() const {
  if (error_) return std::unexpected(*error_);
  for (const auto& [name, value] : json_.items()) {
    if (std::ranges::find(known_, name) != known_.end()) continue;
    const auto meant = nearest(name, known_);
    return meant ? fail("{}: there is no field \"{}\"; did you mean {}?", where_, name, *meant)
                 : fail("{}: there is no field \"{}\"", where_, name);
  }
  return {};
}

}  // namespace bastion::admin
