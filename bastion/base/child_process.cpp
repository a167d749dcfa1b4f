#include "bastion/base/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

namespace bastion {
namespace {

using Clock = std::chrono::steady_clock;

// A descriptor that closes with its owner, and that no other program gets.
class Closing {
 public:
  explicit Closing(int descriptor) : descriptor_(descriptor) {}
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  Closing(Closing&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Closing& operator=(Closing&&) = delete;
  ~Closing() { close(); }

  [[nodiscard]] int get() const { return descriptor_; }
  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

 private:
  int descriptor_;
};

struct Pipe {
  Closing reading;
  Closing writing;
};

std::unexpected<Error> failed(std::string_view what, int error) { return fail("{}: {}", what, std::strerror(error)); }

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed("a pipe", errno);
  return Pipe{Closing(ends[0]), Closing(ends[1])};
}

// In memory, and complete before the program starts: nobody has to write to it meanwhile.
Result<Closing> readable(const std::string& text) {
  Closing file(::memfd_create("input", MFD_CLOEXEC));
  if (file.get() < 0) return failed("a file in memory", errno);
  for (std::size_t written = 0; written < text.size();) {
    const auto count = ::write(file.get(), text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("a file in memory", errno);
    written += static_cast<std::size_t>(count);
  }
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

// A process that is waited for: it does not outlive its owner, and neither does what it has started.
class Running {
 public:
  explicit Running(pid_t process) : process_(process) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (process_ <= 0) return;
    ::kill(-process_, SIGKILL);
    wait();
  }

  // Until it has ended, or as long as poll(2) does: false then.
  [[nodiscard]] Result<bool> has_ended(int milliseconds) const {
    const Closing process(static_cast<int>(::syscall(SYS_pidfd_open, process_, 0)));
    if (process.get() < 0) return failed("pidfd_open", errno);
    pollfd end{process.get(), POLLIN, 0};
    const int ready = ::poll(&end, 1, milliseconds);
    if (ready < 0 && errno != EINTR) return failed("a process", errno);
    return ready > 0;
  }

  std::optional<int> wait() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0) {
      if (errno != EINTR) break;
    }
    process_ = -1;
    return WIFEXITED(status) ? std::optional(WEXITSTATUS(status)) : std::nullopt;
  }

 private:
  pid_t process_;
};

Result<pid_t> spawn(const ChildProcess& child, int in, int out, int err) {
  std::vector<std::string> words = child.arguments;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::string path = std::string("PATH=") + kPath;
  std::string home = "HOME=/nonexistent";
  std::string locale = "LC_ALL=C";
  std::string shell = "SHELL=/bin/false";
  std::array<char*, 5> environment{path.data(), home.data(), locale.data(), shell.data(), nullptr};

  posix_spawn_file_actions_t files{};
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  posix_spawnattr_t attributes{};
  ::posix_spawnattr_init(&attributes);
  sigset_t none{};
  sigset_t all{};
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  pid_t process = -1;
  const int error =
      ::posix_spawn(&process, words.front().c_str(), &files, &attributes, arguments.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (error != 0) return failed(words.front(), error);
  return process;
}

// Reads what is there; false at its end.
Result<bool> read_some(int descriptor, std::string& text) {
  std::array<char, 16 * 1024> some{};
  const auto count = ::read(descriptor, some.data(), some.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN ? Result<bool>(true) : failed("a pipe", errno);
  text.append(some.data(), static_cast<std::size_t>(count));
  return count > 0;
}

// What is left of a child's time, for poll(2).
class TimeLeft {
 public:
  explicit TimeLeft(const ChildProcess& child) : child_(child), deadline_(Clock::now() + child.within) {}

  [[nodiscard]] Result<int> milliseconds() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    if (left <= 0) return fail("{} has not ended within {} ms", child_.arguments.front(), child_.within.count());
    return static_cast<int>(std::min<std::int64_t>(left, std::numeric_limits<int>::max()));
  }

 private:
  const ChildProcess& child_;
  Clock::time_point deadline_;
};

Result<> read_all(Pipe& out, Pipe& err, const ChildProcess& child, const TimeLeft& time, ChildOutcome& outcome) {
  std::array<pollfd, 2> ends{pollfd{out.reading.get(), POLLIN, 0}, pollfd{err.reading.get(), POLLIN, 0}};
  const std::array<std::string*, 2> texts{&outcome.out, &outcome.err};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    const auto left = time.milliseconds();
    if (!left) return std::unexpected(left.error());
    const int ready = ::poll(ends.data(), ends.size(), *left);
    if (ready < 0 && errno != EINTR) return failed("a pipe", errno);
    for (std::size_t i = 0; ready > 0 && i < ends.size(); ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      const auto more = read_some(ends[i].fd, *texts[i]);
      if (!more) return std::unexpected(more.error());
      if (!*more) ends[i].fd = -1;
    }
    if (outcome.out.size() + outcome.err.size() > child.longest) {
      return fail("{} prints more than {} bytes", child.arguments.front(), child.longest);
    }
  }
  return {};
}

// It may have closed its streams, and go on.
Result<> await_end(const Running& running, const TimeLeft& time) {
  for (;;) {
    const auto left = time.milliseconds();
    if (!left) return std::unexpected(left.error());
    const auto ended = running.has_ended(*left);
    if (!ended) return std::unexpected(ended.error());
    if (*ended) return {};
  }
}

// Empty where there is none.
std::string program_named(std::string_view name) {
  if (name.contains('/')) return std::string(name);
  for (std::string_view folders = kPath; !folders.empty();) {
    const auto end = std::min(folders.find(':'), folders.size());
    auto path = std::string(folders.substr(0, end)) + "/" + std::string(name);
    if (::access(path.c_str(), X_OK) == 0) return path;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return {};
}

}  // namespace

bool is_program(const std::string& name) { return !program_named(name).empty(); }

Result<ChildOutcome> run_child(const ChildProcess& child) {
  auto found = child;
  found.arguments.front() = program_named(child.arguments.front());
  if (found.arguments.front().empty()) return fail("there is no program {} on this machine", child.arguments.front());
  const auto in = readable(child.input);
  if (!in) return std::unexpected(in.error());
  auto out = make_pipe();
  if (!out) return std::unexpected(out.error());
  auto err = make_pipe();
  if (!err) return std::unexpected(err.error());
  const auto process = spawn(found, in->get(), out->writing.get(), err->writing.get());
  if (!process) return std::unexpected(process.error());
  Running running(*process);
  out->writing.close();
  err->writing.close();
  const TimeLeft time(found);
  ChildOutcome outcome;
  if (auto read = read_all(*out, *err, found, time, outcome); !read) return std::unexpected(read.error());
  if (auto ended = await_end(running, time); !ended) return std::unexpected(ended.error());
  outcome.status = running.wait();
  return outcome;
}

}  // namespace bastion
