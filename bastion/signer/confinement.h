// What a process gives up for good. Each of these holds for the calling thread and the threads and processes that it
// makes from then on, so it is called while there is only one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::signer {

// No other process of the same account reads its memory (ptrace(2), /proc/PID/mem), and none of it gets into a core
// file.
void keep_memory_private();

// Nothing is opened that was not open before, but, for reading, what is in `readable`. landlock(7); false where the
// kernel has none of it. An error: it has, and refused.
[[nodiscard]] Result<bool> leave_files(const std::vector<std::filesystem::path>& readable);

// No file in these folders is read any more but for those of `still`, and no file that one of their entries leads to.
// What is made from now on in a folder above them cannot be read either, and no file can be moved from one folder to
// another. Else as above.
[[nodiscard]] Result<bool> stop_reading(const std::vector<std::filesystem::path>& folders,
                                        const std::vector<std::filesystem::path>& still = {});

// No file is written, made or removed any more, but for what is open, and none of these folders is read, as above; all
// others are, and programs are started from them. Else as above.
[[nodiscard]] Result<bool> stop_writing(const std::vector<std::filesystem::path>& not_even_read);

// Only the system calls that such a process has use for; all others fail with EPERM, and where neither programs nor a
// network are among them, reaching for those ends the process. seccomp(2); false where we have no list for this
// machine, and in a build with sanitizers, which call more.
enum class Calls : std::uint8_t {
  messages,            // on what is open
  messages_and_files,  // and files that are opened for reading
  connecting,          // the same, and connections to unix sockets
  // All but what nobody who serves needs: programs, processes and what there is in others, namespaces, mounts, the
  // kernel's own parts.
  serving,
  launching,  // the same with programs, and without a network
};
[[nodiscard]] Result<bool> allow_only(Calls calls);

// Beside that: no unix socket is made any more, in any thread of this process, so that it connects to none and listens
// at none but those it has. Pairs are. Else as above.
[[nodiscard]] Result<bool> stop_making_local_sockets();

}  // namespace bastion::signer
