#include "bastion/hooks/hook_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <tuple>

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

void answer_with(const loop::Descriptor& pipe, const Answer& answer) {
  const auto message = encode(answer);
  std::ignore = ::write(pipe.get(), message.data(), message.size());  // in one piece; whoever asked may be gone
}

// What is run has the network, which a cloud's commands need, but none of the private keys.
Started give_up(const Start& start) {
  const auto left = signer::stop_reading({start.not_even_read.begin(), start.not_even_read.end()});
  if (left && *left) return {};
  return {"hooks may read the files of the private keys: " +
          (left ? "this kernel has no landlock" : left.error().text)};
}

// In the process of one hook.
[[noreturn]] void run_one(const Start& start, const Question& question, const loop::Descriptor& pipe) {
  ::close(kSocket);
  std::signal(SIGPIPE, SIG_IGN);
  const auto ran = contained("a hook", [&] {
    return run_hook(
        start.hooks,
        {.name = question.hook, .backend = question.backend, .within = std::chrono::seconds(question.within)});
  });
  answer_with(pipe, {.started = ran.has_value(), .said = ran ? *ran : ran.error().text});
  ::_exit(0);
}

class Children {
 public:
  void run(const Start& start, const Question& question, const loop::Descriptor& pipe) {
    while (count_ > 0 && ::waitpid(-1, nullptr, WNOHANG) > 0) --count_;
    if (count_ >= HookRunner::kMost) return answer_with(pipe, {.said = "too many hooks run at the same time"});
    const auto process = ::fork();
    if (process == 0) run_one(start, question, pipe);
    if (process < 0) return answer_with(pipe, {.said = std::string("no process: ") + std::strerror(errno)});
    ++count_;
  }

 private:
  std::size_t count_ = 0;
};

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
    const auto question = parse_question((*packet)->message);
    if (!question) return std::unexpected(question.error());
    if ((*packet)->descriptor.valid()) children.run(*start, *question, (*packet)->descriptor);
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
