// The fields of a JSON object, read strictly: a field of another kind, a missing one and an unknown one are errors that
// say where they are.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::admin {

// Getters return nothing when the field is absent, and after the first error, which done() reports.
class JsonFields {
 public:
  using Json = nlohmann::json;
  // Says what is wrong with a text: checks.h.
  using Check = std::optional<std::string> (*)(std::string_view);

  // `json` must outlive this.
  JsonFields(const Json& json, std::string where);

  // Added to `where` once the name of the thing is known.
  void is_about(std::string_view name);

  [[nodiscard]] std::string required(const char* name, Check check = nullptr);
  [[nodiscard]] std::optional<std::string> text(const char* name, Check check = nullptr);
  [[nodiscard]] std::optional<bool> flag(const char* name);
  [[nodiscard]] std::optional<std::optional<std::string>> text_or_null(const char* name, Check check = nullptr);
  [[nodiscard]] std::optional<std::optional<std::int64_t>> count_or_null(const char* name);
  // As store::Caps has it.
  [[nodiscard]] std::optional<std::optional<std::int64_t>> cap(const char* name);
  // A text is a list of one, null one of none.
  [[nodiscard]] std::optional<std::vector<std::string>> texts_or_null(const char* name);
  // Null too when the field is absent.
  [[nodiscard]] const Json* list(const char* name);

  void fail_because(std::string_view name, std::string why);
  [[nodiscard]] Result<> done() const;
  [[nodiscard]] const std::string& where() const { return where_; }

 private:
  const Json* find(const char* name);

  const Json& json_;
  std::string where_;
  std::vector<std::string_view> known_;
  std::optional<Error> error_;
};

}  // namespace bastion::admin
