// A command that the bastion itself has run on a backend, as the account that it logs in to.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bastion/access/route.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/connection/remote_command.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"

namespace bastion::upstream {

// What a POSIX shell says of a command that is not there (XCU 2.8.2).
inline constexpr std::uint32_t kNotFound = 127;

// What has failed is run once more, or not.
enum class Again : std::uint8_t { when_it_fails, never };

struct BackendCommand {
  // The same in the words of several programs: the next one is run where the one before is not found. The account's
  // shell reads them.
  std::vector<std::string> words;
  std::size_t longest = 0;        // bytes of output
  std::chrono::seconds within{};  // each time that it is run
  Again again = Again::when_it_fails;
};

struct RanOnBackend {
  std::string words;  // of those
  connection::RemoteCommand::Outcome outcome;
  std::string not_again = {};  // it has failed, and could not be run once more for this reason
};

// Over a hop of the pool, and when it fails and may be run again, once more over one that is dialled for it, because
// sshd gives a connection the groups that the account had when it began. The error is for an administrator: it was not
// run to its end.
[[nodiscard]] Task<Result<RanOnBackend>> run_on_backend(const Credentials& credentials, HopPool& hops,
                                                        std::vector<access::Hop> way, BackendCommand command);

// The last line that begins with `Error`, or the last one, of what a command has said: as the backend has written it.
[[nodiscard]] std::string complaint_of(const connection::RemoteCommand::Outcome& outcome);

// Of a command that has failed: how it ended, with the line of what it has said that tells most.
[[nodiscard]] std::string failure_of(const RanOnBackend& ran, const access::Hop& backend);

}  // namespace bastion::upstream
