// What of somebody's sessions is recorded (bastion/record), as the configuration, users, groups and containers have it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bastion {

// Each records what those before it do.
enum class RecordPolicy : std::uint8_t {
  none,
  terminals,  // what is shown at terminals
  all,        // and what shells without one print, and which commands and subsystems are started
};

// What becomes of a session that is to be recorded when the disk takes nothing more.
enum class RecordWhenFull : std::uint8_t {
  refuse,  // it does not begin
  less,    // it goes on without
};

[[nodiscard]] std::string_view text_of(RecordPolicy policy);
[[nodiscard]] std::optional<RecordPolicy> parse_record_policy(std::string_view text);

}  // namespace bastion
