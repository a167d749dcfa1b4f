// A process that serves, as the supervisor starts it: the program anew, with a socket to the supervisor at standard
// input and nothing else that it has not opened itself.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/config/file.h"
#include "bastion/loop/descriptor.h"

namespace bastion::server {

// The word it is started by.
inline constexpr const char* kGenerationVerb = "generation";

struct GenerationProcess {
  pid_t process = -1;
  loop::Descriptor control;  // does not block
};
// It ends when the calling thread does. That the program cannot be executed is the first thing that it says
// (Report::failed).
[[nodiscard]] Result<GenerationProcess> start_generation(const std::filesystem::path& program,
                                                         const config::Source& source);

// The program that runs now.
inline constexpr const char* kThisProgram = "/proc/self/exe";
// Where another one stands when it is installed in the place of this one: as it was called, so that links are followed
// anew each time.
[[nodiscard]] std::filesystem::path path_of_program(std::string_view called);

// By which a file that was replaced is told from the one before: it has another inode, size or time.
using FileStamp = std::tuple<dev_t, ino_t, off_t, std::int64_t, std::int64_t>;
using FileStamps = std::map<std::filesystem::path, FileStamp>;
// Of these files, and of what is in those of them that are folders. What there is not has none.
[[nodiscard]] FileStamps stamps_of(const std::vector<std::filesystem::path>& paths);

// How a process ended, for a sentence: `was ended by SIGSEGV`, `has ended with status 1`.
[[nodiscard]] std::string describe_end(int wait_status);

}  // namespace bastion::server
