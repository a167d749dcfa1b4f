// What a change has done at the other bastions of a fleet: they are told, and those that have not said that it is done
// are named.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/node_messages.h"
#include "store/fleet/place.h"

namespace bastion::admin {

// Another bastion answers as soon as its loops have turned once.
inline constexpr std::chrono::milliseconds kPatienceOfNodes{3000};

// `two, three have not answered: ...`; nothing where there are none.
[[nodiscard]] std::string not_answered(const std::vector<std::string>& nodes, std::string_view what);

// All others carry this out as soon as they have the entry of the log that it is about. Waits for them: not on the
// thread of a loop. Returns who has not said that it is done, as a sentence, or nothing.
[[nodiscard]] std::string carry_out_elsewhere(const store::fleet::Place& fleet, const NodeEffects& effects);

// Context::wait_for_others. Null where there is no fleet.
[[nodiscard]] std::function<std::string(std::int64_t entry)> waiting_for_others(
    const std::optional<store::fleet::Place>& fleet);

}  // namespace bastion::admin
