// What a listing says about the containers that the directory has there: which of them have moved, and how it stands
// with each. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/follow/listing.h"
#include "bastion/follow/source.h"
#include "store/containers.h"

namespace bastion::follow {

struct Place {
  std::int64_t backend = 0;
  std::string name;  // of the backend
};

// What a source may speak of: the containers on these backends, and no other ones.
struct Reach {
  Source source;
  Place own;                             // the backend that is asked
  std::map<std::string, Place> members;  // by the cluster's word, those of its source that there are
};

// Where an instance runs, as far as the directory can have it: an address that no other machine has for itself, behind
// a backend of ours. The error says why not.
struct Goal {
  Place backend;
  std::string address;
};
[[nodiscard]] Result<Goal> goal_of(const Instance& instance, const Reach& reach);

// Whether it is where its address says: a command and a name lead wherever it is, and an address of the host's own
// leads there by a rule of an administrator's.
[[nodiscard]] bool has_own_address(const store::Container& container);

struct Move {
  store::Container from;
  store::Container to;  // the same in another place

  // `be1/10.0.3.100:22`.
  [[nodiscard]] std::string left() const;
  [[nodiscard]] std::string reached() const;
};

struct Seen {
  std::int64_t container = 0;
  std::string
      state;  // `running`, `stopped`, `frozen`, `error`, or `other`; empty: it cannot be told which instance it is
  // Why the directory cannot follow, as a part of a sentence; empty: it agrees, or does from now on.
  std::string drift = {};

  bool operator==(const Seen&) const = default;
};

struct Agreement {
  std::vector<Move> moves;
  std::vector<Seen> seen;             // of containers that are listed
  std::vector<std::int64_t> missing;  // those that are not
};

// An instance is the container of its name, whoever owns it, and with it whoever has another account in the same
// machine (backend, address, port). One that is reached by a command is the instance that is a word of the command: its
// state is followed, and nothing else. Nothing moves to where another container is that stays there, nor to an address
// that every machine has for itself. `known` is all that is on the backends of the reach.
[[nodiscard]] Agreement agree(const Reach& reach, const std::vector<Instance>& listed,
                              const std::vector<store::Container>& known);

}  // namespace bastion::follow
