// Parameters that rows of several nouns have: each has one text and one check, whoever takes it.
#pragma once

#include <string_view>
#include <vector>

#include "bastion/admin/grammar/command.h"

namespace bastion::admin {

// The one list and, behind it, the other.
[[nodiscard]] std::vector<Parameter> joined(std::vector<Parameter> first, const std::vector<Parameter>& more);

// Of what somebody adds (`optional`) and changes (`some_of`).
[[nodiscard]] Parameter sftp_option(Parameter::Presence presence);
[[nodiscard]] Parameter record_option(Parameter::Presence presence);
[[nodiscard]] Parameter legacy_option(Parameter::Presence presence);
[[nodiscard]] Parameter no_legacy_option();
// What the bastion logs in with, where users have no say in it.
[[nodiscard]] Parameter identity_option(Parameter::Presence presence);

// Of a list that is read page by page.
[[nodiscard]] Parameter after_option(std::string_view value, Parameter::Check check = nullptr);
[[nodiscard]] Parameter page_option();
// Of one that has the newest first.
[[nodiscard]] Parameter newest_option();

}  // namespace bastion::admin
