#include "bastion/server/generation_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <tuple>
#include <vector>

#include "bastion/server/generation_messages.h"
#include "bastion/server/harmless_signals.h"
#include "bastion/signer/packet.h"

namespace bastion::server {
namespace {

// Whom systemd talks to, and which configuration it is, is the supervisor's matter.
constexpr std::array<std::string_view, 4> kNotForIt{"NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_", "BASTION_CONFIG="};

std::vector<std::string> environment() {
  std::vector<std::string> entries;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const auto is_for_it = std::ranges::none_of(
        kNotForIt, [&](std::string_view start) { return std::string_view(*entry).starts_with(start); });
    if (is_for_it) entries.emplace_back(*entry);
  }
  return entries;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// Between fork and exec, beside threads that may hold any lock: system calls only.
[[noreturn]] void become_generation(int control, const char* program, char** words, char** variables, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() == parent && ::dup2(control, STDIN_FILENO) == STDIN_FILENO) ::execve(program, words, variables);
  std::array<char, 256> report{static_cast<char>(Report::failed)};
  const char* const why = ::strerrordesc_np(errno);
  const auto size = why == nullptr ? 0 : std::min(std::strlen(why), report.size() - 1);
  if (size > 0) std::memcpy(report.data() + 1, why, size);
  std::ignore = ::send(STDIN_FILENO, report.data(), 1 + size, MSG_NOSIGNAL);
  ::_exit(1);
}

FileStamp stamp_of(const struct stat& status) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return {status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec * kSecond + status.st_mtim.tv_nsec,
          status.st_ctim.tv_sec * kSecond + status.st_ctim.tv_nsec};
}

}  // namespace

Result<GenerationProcess> start_generation(const std::filesystem::path& program, const config::Source& source) {
  auto sockets = signer::make_socket_pair();
  if (!sockets) return std::unexpected(sockets.error());
  std::vector<std::string> words{"bastion", kGenerationVerb};
  if (!source.may_be_missing) words.insert(words.end(), {"--config", source.file.string()});
  if (source.json_log) words.emplace_back("--json-log");
  auto variables = environment();
  const auto word_pointers = pointers(words);
  const auto variable_pointers = pointers(variables);
  const auto parent = ::getpid();
  const auto process = ::fork();
  if (process < 0) return fail("cannot start a process: {}", std::strerror(errno));
  if (process == 0) {
    become_generation(sockets->theirs.get(), program.c_str(), const_cast<char**>(word_pointers.data()),
                      const_cast<char**>(variable_pointers.data()), parent);
  }
  ::fcntl(sockets->ours.get(), F_SETFL, O_NONBLOCK);
  return GenerationProcess{.process = process, .control = std::move(sockets->ours)};
}

std::filesystem::path path_of_program(std::string_view called) {
  std::error_code error;
  if (called.contains('/')) {
    auto path = std::filesystem::absolute(called, error);
    if (!error && std::filesystem::equivalent(path, kThisProgram, error) && !error) return path;
  }
  auto path = std::filesystem::read_symlink(kThisProgram, error);
  return error ? std::filesystem::path(kThisProgram) : path;
}

FileStamps stamps_of(const std::vector<std::filesystem::path>& paths) {
  FileStamps stamps;
  const auto add = [&](const std::filesystem::path& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return false;
    if (S_ISREG(status.st_mode)) stamps.emplace(path, stamp_of(status));
    return S_ISDIR(status.st_mode);
  };
  for (const auto& path : paths) {
    if (!add(path)) continue;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
      std::ignore = add(entry->path());
    }
  }
  return stamps;
}

std::string describe_end(int wait_status) {
  if (WIFSIGNALED(wait_status)) return fmt::format("was ended by {}", name_of_signal(WTERMSIG(wait_status)));
  return fmt::format("has ended with status {}", WEXITSTATUS(wait_status));
}

}  // namespace bastion::server
