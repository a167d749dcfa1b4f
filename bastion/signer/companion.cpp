#include "bastion/signer/companion.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

#include "bastion/signer/packet.h"

namespace bastion::signer {
namespace {

// The program that runs, also when another one has got its name.
constexpr const char* kProgram = "/proc/self/exe";
// For the last lines of its log.
constexpr std::chrono::milliseconds kLastWords{2000};

// A signal to all of a terminal or a service is for the one that serves: what it does then needs the others.
constexpr std::array kForTheOther{SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM};

[[noreturn]] void become(const char* word, int control) {
  for (const int number : kForTheOther) std::signal(number, SIG_IGN);
  std::array<char*, 3> words{const_cast<char*>("bastion"), const_cast<char*>(word), nullptr};
  if (::dup2(control, STDIN_FILENO) == STDIN_FILENO) ::execv(kProgram, words.data());
  ::_exit(errno);
}

}  // namespace

Companion::Companion(pid_t process, loop::Descriptor control) : process_(process), control_(std::move(control)) {}

Companion::Companion(Companion&& other) noexcept
    : process_(std::exchange(other.process_, -1)), control_(std::move(other.control_)) {}

Result<Companion> Companion::start(const char* word) {
  auto sockets = make_socket_pair();
  if (!sockets) return std::unexpected(sockets.error());
  const auto process = ::fork();
  if (process < 0) return fail("cannot start a process: {}", std::strerror(errno));
  if (process == 0) become(word, sockets->theirs.get());
  return Companion(process, std::move(sockets->ours));
}

Companion::~Companion() {
  if (process_ < 0) return;
  ::shutdown(control_.get(), SHUT_WR);
  pollfd end{.fd = control_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&end, 1, static_cast<int>(kLastWords.count())) <= 0) ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace bastion::signer
