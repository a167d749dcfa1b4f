// Cells of a table and its headings as people read them. The name of a column carries its unit, as JSON wants it;
// people want it in the cell: `idle_seconds` 75 is IDLE 1m15s.
#pragma once

#include <string>
#include <string_view>

#include "bastion/admin/grammar/answer.h"

namespace bastion::admin {

// The name of a field: `last_success` is `last success`.
[[nodiscard]] std::string words_of(std::string name);
[[nodiscard]] std::string heading(std::string_view column);
// Nothing is `-`, true is `yes`; what no terminal should see is made visible.
[[nodiscard]] std::string cell_text(const Cell& cell);
[[nodiscard]] std::string cell_text(const Cell& cell, std::string_view column);

}  // namespace bastion::admin
