// Samples as numbers: what an exposition says, taken apart, so that those of several processes can be added up.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace bastion::metrics {

// By what stands before the value: `bastion_logins_total{method="publickey",result="accepted",reason="ok"}`.
using Samples = std::map<std::string, double, std::less<>>;

// Those of a text that Exposition has made, without those that are 0.
[[nodiscard]] Samples samples_in(std::string_view exposition);
// Whether a sample only grows: of a counter or a histogram.
[[nodiscard]] bool is_counted(std::string_view sample);
// What was counted is as much as either knows.
void take_larger(Samples& into, const Samples& other);
void add_up(Samples& into, const Samples& other);

}  // namespace bastion::metrics
