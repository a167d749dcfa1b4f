// Descriptors 0, 1 and 2 belong to standard input, output and error, also where the program was started without them.
#pragma once

namespace bastion {

// Opens the null device for those that are not open: else the next file or connection would get that number, and what
// is meant for a person would be written into it. To be called before anything else is opened. False: that cannot be.
[[nodiscard]] bool occupy_standard_descriptors();

}  // namespace bastion
