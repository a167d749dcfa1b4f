// `--source` of backends and what belongs to it, and what sources have said.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"
#include "bastion/base/result.h"
#include "store/backends.h"
#include "store/containers.h"

namespace bastion::admin {

// Where the arguments say so. What is not given with `--source` is as by default; without it, only what is given
// changes. The error says too that the bastion could not ask there, and which backend of a --map there is not.
[[nodiscard]] Result<> set_source(Context& context, const Arguments& arguments, const store::Backend& backend);
// For the audit, behind the name of what is changed.
[[nodiscard]] std::string source_of_arguments(const Arguments& arguments);

// What `backend show` says: the source, and how asking it went.
struct ShownSource {
  Cell source = nullptr;
  Cell listed = nullptr;
  Cell failure = nullptr;
};
[[nodiscard]] Result<ShownSource> shown_source(Context& context, std::int64_t backend);

// Of a container: STATE, SEEN, and why it is not followed. Null where no source has said anything.
struct ShownSighting {
  Cell state = nullptr;
  Cell seen = nullptr;
  Cell drift = nullptr;
};
[[nodiscard]] Result<ShownSighting> shown_sighting(Context& context, std::int64_t container);

// The table of containers with STATE and SEEN behind it.
[[nodiscard]] Result<Table> table_with_states(Context& context, const std::vector<store::Container>& containers);

}  // namespace bastion::admin
