// Where a container is, as --backend, --address and --command say it.
#pragma once

#include <string>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/base/result.h"
#include "store/backends.h"
#include "store/containers.h"

namespace bastion::admin {

// Whether it can be there by what is said of it: on a backend that the bastion does not log in to nobody can run a
// command, nor make anything, which is meant where there is neither --command nor --address.
[[nodiscard]] bool takes(const store::Backend& backend, const Arguments& arguments);

// Sets where a container is, and how it is reached where that is said. Its name is known.
[[nodiscard]] Result<> put_on(store::Container& container, const store::Backend& backend, const Arguments& arguments);

// `10.0.3.100:22 on backend be1`
[[nodiscard]] std::string place_of(const store::Container& container);

// What is to be known of a command, and of an address that the container shares with its host; empty where it has one
// of its own.
[[nodiscard]] std::string note_on(const store::Container& container);

}  // namespace bastion::admin
