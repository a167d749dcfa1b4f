#include "bastion/base/record_policy.h"

#include <array>
#include <cstddef>

namespace bastion {
namespace {

constexpr std::array<std::string_view, 3> kRecordPolicies{"none", "terminals", "all"};

}  // namespace

std::string_view text_of(RecordPolicy policy) { return kRecordPolicies.at(static_cast<std::size_t>(policy)); }

std::optional<RecordPolicy> parse_record_policy(std::string_view text) {
  for (std::size_t i = 0; i < kRecordPolicies.size(); ++i) {
    if (kRecordPolicies.at(i) == text) return static_cast<RecordPolicy>(i);
  }
  return std::nullopt;
}

}  // namespace bastion
