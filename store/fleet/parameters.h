// What stands for $1, $2 and so on in a statement.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "store/fleet/connection.h"

namespace bastion::store::fleet {

// Texts are not copied: what they show lives until the statement was answered.
class Parameters {
 public:
  Parameters() = default;
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  // Of type text. Never null: an empty text is one.
  Parameters& text(std::string_view value) {
    values_.push_back(value.data() == nullptr ? std::string_view("") : value);
    return *this;
  }
  // Of type bytea.
  Parameters& bytes(Bytes value) { return text(text_of(value)); }
  // Of type bigint.
  Parameters& number(std::int64_t value) {
    const auto& wire = numbers_.emplace_back(wire_of(value));
    values_.emplace_back(wire.data(), wire.size());
    return *this;
  }
  // Of type integer.
  Parameters& integer(std::int32_t value) {
    const auto& wire = integers_.emplace_back(wire_of(value));
    values_.emplace_back(wire.data(), wire.size());
    return *this;
  }
  Parameters& text_or_null(const std::optional<std::string>& value) { return value ? text(*value) : null(); }
  Parameters& null() {
    values_.emplace_back();
    return *this;
  }

  [[nodiscard]] std::size_t size() const { return values_.size(); }
  operator std::span<const std::string_view>() const { return values_; }

 private:
  std::deque<std::array<char, sizeof(std::int64_t)>> numbers_;  // they stay where they are
  std::deque<std::array<char, sizeof(std::int32_t)>> integers_;
  std::vector<std::string_view> values_;
};

}  // namespace bastion::store::fleet
