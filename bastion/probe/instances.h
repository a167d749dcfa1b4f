// What a backend runs, by its own word: what the bastion itself has executed on a backend, beside the commands that
// lead to containers, when an administrator asks for it (`import incus --backend B`).
#pragma once

#include <cstdint>
#include <string>

#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"

namespace bastion::store {
class Backends;
}

namespace bastion::probe {

struct InstancesWanted {
  enum class Program : std::uint8_t { either, incus, lxc };

  std::string backend;
  std::string projects = {};  // what is added to the command: `--all-projects`, `--project P`, or nothing
  Program program = Program::either;
};

// What `incus list --format json` prints there, or lxc, run as the account that the bastion logs in to: over a hop of
// the pool, and when it fails once more over one that is dialled for it, because sshd gives a connection the groups
// that the account had when it began. The error is for an administrator. A minute at most for each.
[[nodiscard]] Task<Result<std::string>> list_instances(const upstream::Credentials& credentials,
                                                       upstream::HopPool& hops, store::Backends& backends,
                                                       InstancesWanted wanted);

}  // namespace bastion::probe
