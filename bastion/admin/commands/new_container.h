// The row of a container that is about to be made, and the machine that it is an account in.
#pragma once

#include <string>
#include <vector>

#include "bastion/admin/commands/placement.h"
#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/users.h"

namespace bastion::admin {

// As the arguments say: NAME, --owner, --backend or --auto-place, and how it is reached, where they say that.
[[nodiscard]] Result<store::Container> described(Context& context, const Arguments& arguments);

// The same, on this backend.
[[nodiscard]] Result<store::Container> described_on(Context& context, const Arguments& arguments,
                                                    const store::Backend& backend);

// What follows for the owner's plain login, where this one has just become their second: `; alice has two containers
// now …`, or empty.
[[nodiscard]] Result<std::string> new_choice(Context& context, const store::Container& added);

// Active backends that can take it, as far as is known: one that nobody has measured is taken for reachable.
struct OpenBackends {
  std::vector<store::Backend> backends;
  std::vector<Candidate> candidates;  // the same ones
  std::vector<std::string> unreachable;
  std::vector<std::string> for_others;  // who are in groups that the owner is not in
};
[[nodiscard]] Result<OpenBackends> open_backends(Context& context, const Arguments& arguments,
                                                 const store::User& owner);
// Why none of them is chosen.
[[nodiscard]] Error nowhere_to_place(const OpenBackends& open, const store::User& owner);

// Every account of the machine that this container is one of, itself too.
[[nodiscard]] Result<std::vector<store::Container>> accounts_of_machine(Context& context,
                                                                        const store::Container& container);

// Those that lead to it as it is now. Where nobody serves there are none.
[[nodiscard]] std::vector<std::string> sessions_in(const Context& context, const std::string& container);
// `1 session ended`
[[nodiscard]] std::string ended(std::size_t sessions);

}  // namespace bastion::admin
