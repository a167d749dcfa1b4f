// What a login has not found where the directory has it: its source is asked where it is now, where it has one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "bastion/access/destination.h"
#include "bastion/access/route.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"

namespace bastion::loop {
class Loop;
}
namespace bastion::store {
class Sightings;
class Sources;
}  // namespace bastion::store
namespace bastion::follow {

class Lookout;

// All of it outlives the task.
struct Following {
  loop::Loop& loop;
  store::Sources& sources;
  store::Sightings& sightings;
  follow::Lookout* lookout;  // nullptr: nobody is asked

  // Of the others, at most so many are asked where a container's own source does not list it any more: it may have come
  // to one of them (arrivals.h).
  static constexpr std::size_t kMostOthers = 16;

  // Whether it was: then the directory may have the container elsewhere. Where it has ended so, something else may be
  // at its address, or nothing.
  [[nodiscard]] Task<bool> ask(const access::Route& route, const End& end) const;
  [[nodiscard]] Task<bool> ask(const access::ThroughTheHops& way, const End& end) const;
  // Of a container behind this backend, whatever has become of it.
  [[nodiscard]] Task<bool> ask(std::int64_t container, access::Hop backend) const;

 private:
  [[nodiscard]] Task<bool> ask(access::ContainerPlace there, std::optional<access::Hop> last, End end) const;
  Task<void> ask_all(std::int64_t source, std::int64_t container) const;
};

// Whether who has ended so may find the container somewhere else: nobody is where it was, or somebody else.
[[nodiscard]] bool may_be_elsewhere(const End& end);
// Whether two routes lead to the same place, whatever they are called.
[[nodiscard]] bool is_same_place(const access::Route& one, const access::Route& other);
[[nodiscard]] bool is_same_place(const access::ThroughTheHops& one, const access::ThroughTheHops& other);

}  // namespace bastion::follow
