#include "bastion/hooks/hook_process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <tuple>
#include <type_traits>

#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/hooks/hook.h"
#include "bastion/hooks/hook_runner.h"
#include "bastion/hooks/messages.h"
#include "bastion/signer/confinement.h"
#include "bastion/signer/packet.h"

namespace bastion::hooks {
namespace {

constexpr int kSocket = STDIN_FILENO;

// Whoever asked may be gone.
void write_all(const loop::Descriptor& pipe, Bytes message) {
  while (!message.empty()) {
    const auto count = ::write(pipe.get(), message.data(), message.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    message = message.subspan(static_cast<std::size_t>(count));
  }
}

// In one piece: this process waits for nobody.
void answer_with(const loop::Descriptor& pipe, const Answer& answer) {
  const auto message = encode(answer);
  std::ignore = ::write(pipe.get(), message.data(), message.size());
}

// What is run has the network, which a cloud's commands need, but none of the private keys.
Started give_up(const Start& start) {
  const auto left = signer::stop_reading({start.not_even_read.begin(), start.not_even_read.end()});
  if (left && *left) return {};
  return {"hooks may read the files of the private keys: " +
          (left ? "this kernel has no landlock" : left.error().text)};
}

Result<std::string> run_one(const Start& start, const Question& question) {
  return run_hook(
      start.hooks,
      {.name = question.hook, .backend = question.backend, .within = std::chrono::seconds(question.within)});
}

Result<std::string> run_one(const Start& start, const KeysQuestion& question) {
  auto command = parse_key_command(start.key_command);
  if (!command) return std::unexpected(std::move(command.error()));
  return run_for_keys({.command = *std::move(command),
                       .question = {.user = question.user,
                                    .fingerprint = question.fingerprint,
                                    .type = question.type,
                                    .base64 = question.base64},
                       .within = std::chrono::seconds(question.within)});
}

// In the process of one of them, which may wait for whoever reads the answer.
template <typename Asked>
[[noreturn]] void run_alone(const Start& start, const Asked& question, const loop::Descriptor& pipe) {
  ::close(kSocket);
  std::signal(SIGPIPE, SIG_IGN);
  const auto ran = contained("a hook", [&] { return run_one(start, question); });
  const auto flags = ::fcntl(pipe.get(), F_GETFL);
  ::fcntl(pipe.get(), F_SETFL, flags & ~O_NONBLOCK);
  write_all(pipe, encode(Answer{.started = ran.has_value(), .said = ran ? *ran : ran.error().text},
                         std::is_same_v<Asked, KeysQuestion> ? kLongestAnswerWithKeys : kLongestAnswer));
  ::_exit(0);
}

class Children {
 public:
  template <typename Asked>
  void run(const Start& start, const Asked& question, const loop::Descriptor& pipe) {
    while (count_ > 0 && ::waitpid(-1, nullptr, WNOHANG) > 0) --count_;
    if (count_ >= HookRunner::kMost) return answer_with(pipe, {.said = "too many hooks run at the same time"});
    const auto process = ::fork();
    if (process == 0) run_alone(start, question, pipe);
    if (process < 0) return answer_with(pipe, {.said = std::string("no process: ") + std::strerror(errno)});
    ++count_;
  }

 private:
  std::size_t count_ = 0;
};

// What it cannot understand ends this process: only the one that serves writes here.
Result<> answer_one(const Start& start, const signer::Packet& packet, Children& children) {
  const auto kind = about(packet.message);
  if (!kind) return std::unexpected(kind.error());
  if (*kind == About::keys) {
    const auto question = parse_keys_question(packet.message);
    if (!question) return std::unexpected(question.error());
    if (packet.descriptor.valid()) children.run(start, *question, packet.descriptor);
    return {};
  }
  const auto question = parse_question(packet.message);
  if (!question) return std::unexpected(question.error());
  if (packet.descriptor.valid()) children.run(start, *question, packet.descriptor);
  return {};
}

Result<> serve() {
  const auto first = signer::receive_from_starter(kSocket);
  if (!first) return std::unexpected(first.error());
  if (!*first) return {};
  const auto start = parse_start((*first)->message);
  if (!start) return std::unexpected(start.error());
  if (auto sent = signer::send_packet(kSocket, encode(give_up(*start))); !sent) return sent;
  Children children;
  for (;;) {
    const auto packet = signer::receive_packet(kSocket);
    if (!packet) return std::unexpected(packet.error());
    if (!*packet) return {};
    if (auto answered = answer_one(*start, **packet, children); !answered) return answered;
  }
}

}  // namespace

int run() {
  signer::keep_memory_private();
  std::signal(SIGPIPE, SIG_IGN);
  const auto served = serve();
  if (!served) log::error("the hook runner: {}", served.error().text);
  return served ? 0 : 1;
}

}  // namespace bastion::hooks
