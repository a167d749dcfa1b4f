#include "bastion/hooks/hook_runner.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string_view>
#include <utility>

#include "bastion/hooks/messages.h"
#include "bastion/signer/packet.h"

namespace bastion::hooks {
namespace {

// It forks, and reads the next question: nobody waits for a hook.
constexpr std::chrono::milliseconds kPatience{2000};

std::unexpected<Error> gone(std::string_view why) { return fail("the process that runs hooks: {}", why); }

}  // namespace

Running::Running(loop::Loop& loop, loop::Descriptor answer, std::size_t longest)
    : answer_(std::move(answer)),
      longest_(longest),
      watcher_(loop, answer_.get(), [this](unsigned) { on_readable(); }) {
  watcher_.watch(loop::Watcher::readable);
}

void Running::on_readable() {
  std::array<std::uint8_t, kLongestAnswer> some{};
  const auto count = ::read(answer_.get(), some.data(), some.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count > 0 && read_.size() + static_cast<std::size_t>(count) <= longest_) {
    read_.insert(read_.end(), some.begin(), some.begin() + count);
    return;
  }
  watcher_.watch(loop::Watcher::none);
  auto answer = parse_answer(read_);
  if (!answer) return over_.set(gone(read_.empty() ? "it has given no answer" : answer.error().text));
  if (!answer->started) return over_.set(std::unexpected(Error{std::move(answer->said)}));
  over_.set(std::move(answer->said));
}

Result<std::unique_ptr<HookRunner>> HookRunner::start() {
  auto process = signer::Companion::start(kVerb);
  if (!process) return std::unexpected(process.error());
  const timeval time{.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(kPatience).count(), .tv_usec = 0};
  ::setsockopt(process->control(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  ::setsockopt(process->control(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  return std::unique_ptr<HookRunner>(new HookRunner(*std::move(process)));
}

Result<std::string> HookRunner::confine(const std::filesystem::path& hooks,
                                        const std::vector<std::filesystem::path>& not_even_read,
                                        const std::string& key_command) {
  Start start{.hooks = hooks.native(), .not_even_read = {}, .key_command = key_command};
  std::ranges::transform(not_even_read, std::back_inserter(start.not_even_read), &std::filesystem::path::native);
  if (auto sent = signer::send_packet(process_.control(), encode(start)); !sent) return gone(sent.error().text);
  const auto packet = signer::receive_packet(process_.control());
  if (!packet) return gone(packet.error().text);
  if (!*packet) return gone("it has ended");
  auto started = parse_started((*packet)->message);
  if (!started) return std::unexpected(started.error());
  return std::move(started->complaint);
}

Result<std::unique_ptr<Running>> HookRunner::run(loop::Loop& loop, const HookRun& hook) {
  const Question question{
      .hook = hook.name, .backend = hook.backend, .within = static_cast<std::uint32_t>(hook.within.count())};
  return ask(loop, encode(question), kLongestAnswer);
}

Result<std::unique_ptr<Running>> HookRunner::run(loop::Loop& loop, const KeyQuestion& question,
                                                 std::chrono::seconds within) {
  return ask(loop,
             encode(KeysQuestion{.user = question.user,
                                 .fingerprint = question.fingerprint,
                                 .type = question.type,
                                 .base64 = question.base64,
                                 .within = static_cast<std::uint32_t>(within.count())}),
             kLongestAnswerWithKeys);
}

Result<std::unique_ptr<Running>> HookRunner::ask(loop::Loop& loop, const ByteVector& question, std::size_t longest) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return fail("a pipe: {}", std::strerror(errno));
  loop::Descriptor reading(ends[0]);
  const loop::Descriptor writing(ends[1]);
  if (auto sent = signer::send_packet(process_.control(), question, writing.get()); !sent) {
    return gone(sent.error().text);
  }
  return std::make_unique<Running>(loop, std::move(reading), longest);
}

}  // namespace bastion::hooks
