// What a value must look like before a command looks at it. Each says what is wrong and what would be right.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bastion::admin {

[[nodiscard]] std::optional<std::string> check_name(std::string_view text);
[[nodiscard]] std::optional<std::string> check_role(std::string_view text);
[[nodiscard]] std::optional<std::string> check_login(std::string_view text);     // a unix account elsewhere
[[nodiscard]] std::optional<std::string> check_endpoint(std::string_view text);  // HOST[:PORT]
[[nodiscard]] std::optional<std::string> check_address(std::string_view text);   // IP[:PORT]
[[nodiscard]] std::optional<std::string> check_capacity(std::string_view text);
[[nodiscard]] std::optional<std::string> check_moment(std::string_view text);
[[nodiscard]] std::optional<std::string> check_target(std::string_view text);  // USER[+CONTAINER]

// The port of sshd, where none is written.
inline constexpr std::uint16_t kSshPort = 22;
// What check_capacity() let through.
[[nodiscard]] std::int64_t capacity_of(std::string_view text);

}  // namespace bastion::admin
