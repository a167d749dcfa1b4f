// What a source has said last about a container, for administrators: in the log and in explain.
#pragma once

#include <cstdint>
#include <string>

namespace bastion::store {
class Backends;
class Sightings;
}  // namespace bastion::store

namespace bastion::follow {

// `be1 lists it as running, 12 s ago`, `be1 does not list it any more`; with why the directory does not follow, and why
// nothing was listed since. Empty where nothing was ever said, and where the store cannot tell.
[[nodiscard]] std::string told_of(store::Sightings& sightings, store::Backends& backends, std::int64_t container,
                                  std::int64_t now);

}  // namespace bastion::follow
