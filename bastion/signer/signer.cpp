#include "bastion/signer/signer.h"

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

// A signal to all of a terminal or a service is for the one that serves: what it does then needs signatures.
constexpr std::array kForTheOther{SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM};

[[noreturn]] void become_signer(int control) {
  for (const int number : kForTheOther) std::signal(number, SIG_IGN);
  std::array<char*, 3> words{const_cast<char*>("bastion"), const_cast<char*>(kVerb), nullptr};
  if (::dup2(control, STDIN_FILENO) == STDIN_FILENO) ::execv(kProgram, words.data());
  ::_exit(errno);
}

}  // namespace

Result<std::unique_ptr<Signer>> Signer::start() {
  auto sockets = make_socket_pair();
  if (!sockets) return std::unexpected(sockets.error());
  const auto process = ::fork();
  if (process < 0) return fail("cannot start a process: {}", std::strerror(errno));
  if (process == 0) become_signer(sockets->theirs.get());
  return std::unique_ptr<Signer>(new Signer(process, std::move(sockets->ours)));
}

Signer::~Signer() {
  channels_.clear();
  ::shutdown(control_.get(), SHUT_WR);
  pollfd end{.fd = control_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&end, 1, static_cast<int>(kLastWords.count())) <= 0) ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Result<Holds> Signer::load(Start start, const std::vector<Urgency>& urgencies) {
  start.channels = static_cast<std::uint32_t>(urgencies.size());
  const auto gone = [](const Error& why) {
    return fail("the keys cannot be held by a process of their own: {}", why.text);
  };
  if (auto sent = send_packet(control_.get(), encode(start)); !sent) return gone(sent.error());
  for (const auto urgency : urgencies) {
    auto sockets = make_socket_pair();
    if (!sockets) return gone(sockets.error());
    if (auto sent = send_packet(control_.get(), encode(urgency), sockets->theirs.get()); !sent)
      return gone(sent.error());
    channels_.push_back(std::move(sockets->ours));
  }
  const auto answer = receive_packet(control_.get());
  if (!answer) return gone(answer.error());
  if (!*answer) return gone(Error{"it has ended"});
  return parse_holds((*answer)->message);
}

void Signer::log_from(std::uint8_t level) { std::ignore = send_packet(control_.get(), encode_log_level(level)); }

std::unique_ptr<Channel> Signer::take_channel() { return std::make_unique<Channel>(std::move(channels_.at(taken_++))); }

}  // namespace bastion::signer
