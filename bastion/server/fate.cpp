#include "bastion/server/fate.h"

#include <array>

namespace bastion::server {
namespace {

using metrics::Counters;

// In the order of Fate.
constexpr std::array<FateRow, 8> kFates{{
    {"proxy_protocol", "refused", "a load balancer has not said whose connection it is",
     &Counters::refused_proxy_header},
    {"banned", "refused", "an administrator has banned the address", &Counters::refused_banned},
    {"penalty", "refused", "a penalty for what came from there before", &Counters::refused_penalty},
    {"max_startups_per_source", "refused", "its source has as many strangers as it may",
     &Counters::refused_full_source},
    {"max_startups", "refused", "there were too many strangers", &Counters::refused_full},
    {"made_room", "let go", "it was silent when others came", &Counters::made_room},
    {"no_version_line", "let go", "it has sent no version line in time", &Counters::no_version_line},
    {"max_rsa_signatures_per_source", "let go", "its source has had all the RSA signatures that it may",
     &Counters::too_many_rsa},
}};

}  // namespace

std::span<const FateRow> fates() { return kFates; }

const FateRow& row_of(Fate fate) { return kFates.at(static_cast<std::size_t>(fate)); }

}  // namespace bastion::server
