#include "bastion/admin/grammar/page.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {
namespace {

constexpr int kAtATerminal = 1000;

}  // namespace

PageWanted::PageWanted(const Context& context, const Arguments& arguments, std::string_view option,
                       std::optional<int> usual)
    : option_(option), after_(arguments.optional(option).value_or(std::string{})), limit_(usual.value_or(-1)) {
  if (const auto limit = arguments.optional("--limit")) {
    limit_ = count_of(*limit);
  } else if (!usual && context.format.columns > 0 && !context.is_for_programs) {
    limit_ = kAtATerminal;
  }
}

Answer PageWanted::answer(Table table, std::string (*name_of)(const std::vector<Cell>& row)) const {
  std::string next;
  if (limit_ >= 0 && table.rows.size() > static_cast<std::size_t>(limit_)) {
    table.rows.resize(static_cast<std::size_t>(limit_));
    next = name_of(table.rows.back());
  }
  Answer answer{std::move(table)};
  if (!next.empty()) answer.note = fmt::format("more rows: add {} {}", option_, next);
  return answer;
}

}  // namespace bastion::admin
