// What `top` shows of an overview: a heading, and a table for each pane. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "bastion/admin/grammar/overview.h"
#include "bastion/admin/top_table.h"

namespace bastion::admin {

// From the top of the screen to its end.
enum class TopPane : std::uint8_t { backends, sessions, refusals };
inline constexpr std::array<TopPane, 3> kTopPanes{TopPane::backends, TopPane::sessions, TopPane::refusals};
// `sessions`.
[[nodiscard]] std::string_view name_of(TopPane pane);

enum class TopSort : std::uint8_t { rate, total, user, age };
inline constexpr std::array<TopSort, 4> kTopSorts{TopSort::rate, TopSort::total, TopSort::user, TopSort::age};
// `rate`.
[[nodiscard]] std::string_view name_of(TopSort sort);

// The sessions in which this text stands, in any case, in that order.
[[nodiscard]] std::vector<const Overview::Session*> sessions_of(const Overview& overview, TopSort sort,
                                                                std::string_view filter);
// Those that are down first, then those that are suspect.
[[nodiscard]] std::vector<const Overview::Backend*> backends_of(const Overview& overview, std::string_view filter);
[[nodiscard]] std::vector<const Overview::Refusal*> refusals_of(const Overview& overview, std::string_view filter);

// Of these rows only. Of a fleet the bastion stands in each.
[[nodiscard]] TopTable table_of(const Overview& overview, const std::vector<const Overview::Session*>& rows);
[[nodiscard]] TopTable table_of(const Overview& overview, const std::vector<const Overview::Backend*>& rows);
[[nodiscard]] TopTable table_of(const Overview& overview, const std::vector<const Overview::Refusal*>& rows);

// `accepted 3  refused_banned 1`: what has happened.
[[nodiscard]] std::string line_of_strangers(const Overview& overview);
// The latest first.
[[nodiscard]] std::string line_of_loops(const Overview& overview);
// All that is known of why: a table has no room for it.
[[nodiscard]] std::string line_of(const Overview::Refusal& refusal);

}  // namespace bastion::admin
