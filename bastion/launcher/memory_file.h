// A text of any length as a file in memory, to go beside a message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"

namespace bastion::launcher {

[[nodiscard]] Result<loop::Descriptor> write_memory_file(std::string_view text);
// What somebody else has written, who may still be writing: a copy. Blocks for nobody. An error: it is no file, it is
// longer, or it gets shorter.
[[nodiscard]] Result<std::string> read_memory_file(const loop::Descriptor& file, std::size_t longest);

}  // namespace bastion::launcher
