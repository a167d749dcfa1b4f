// Errors are values. An Error is one honest sentence, written for the person who will read it: lower case, no full
// stop, naming what is wrong and, where there is one, what would be right.
#pragma once

#include <fmt/format.h>

#include <expected>
#include <string>
#include <utility>

namespace bastion {

struct Error {
  std::string text;
};

template <typename T = void>
using Result = std::expected<T, Error>;

template <typename... Args>
[[nodiscard]] std::unexpected<Error> fail(fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{fmt::format(format, std::forward<Args>(args)...)});
}

}  // namespace bastion
