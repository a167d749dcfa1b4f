#include "bastion/server/fate.h"

#include <array>

namespace bastion::server {
namespace {

using metrics::Counters;

// In the order of Fate.
constexpr std::array<FateRow, 8> kFates{{
    {"proxy_protocol", "refused", &Counters::refused_proxy_header},
    {"banned", "refused", &Counters::refused_banned},
    {"penalty", "refused", &Counters::refused_penalty},
    {"max_startups_per_source", "refused", &Counters::refused_full_source},
    {"max_startups", "refused", &Counters::refused_full},
    {"made_room", "let go", &Counters::made_room},
    {"no_version_line", "let go", &Counters::no_version_line},
    {"max_rsa_signatures_per_source", "let go", &Counters::too_many_rsa},
}};

}  // namespace

std::span<const FateRow> fates() { return kFates; }

const FateRow& row_of(Fate fate) { return kFates.at(static_cast<std::size_t>(fate)); }

}  // namespace bastion::server
