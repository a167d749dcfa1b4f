#include "bastion/launcher/launcher.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "bastion/launcher/memory_file.h"
#include "bastion/launcher/messages.h"
#include "bastion/signer/messages.h"
#include "bastion/signer/packet.h"

namespace bastion::launcher {
namespace {

std::unexpected<Error> gone(std::string_view why) { return fail("the process that starts ssh: {}", why); }

Result<signer::Packet> next_packet(int socket) {
  auto packet = signer::receive_packet(socket);
  if (!packet) return gone(packet.error().text);
  if (!*packet) return gone("it has ended");
  return **std::move(packet);
}

Result<ChildOutcome> outcome_of(const Ended& ended, const loop::Descriptor& printed) {
  auto text = read_memory_file(printed, kLongestSshAnswer);
  if (!text) return gone(text.error().text);
  if (text->size() != std::size_t{ended.out_size} + ended.err_size) return gone("its answer is not whole");
  ChildOutcome outcome{.status = ended.status, .out = {}, .err = text->substr(ended.out_size)};
  text->resize(ended.out_size);
  outcome.out = *std::move(text);
  return outcome;
}

}  // namespace

Result<std::unique_ptr<Launcher>> Launcher::start(std::chrono::milliseconds patience) {
  auto process = signer::Companion::start(kVerb);
  if (!process) return std::unexpected(process.error());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const timeval time{.tv_sec = seconds.count(),
                     .tv_usec = std::chrono::duration_cast<std::chrono::microseconds>(patience - seconds).count()};
  ::setsockopt(process->control(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  ::setsockopt(process->control(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  return std::unique_ptr<Launcher>(new Launcher(*std::move(process)));
}

Result<std::vector<std::string>> Launcher::confine(const std::vector<std::filesystem::path>& not_even_read) {
  Start start;
  std::ranges::transform(not_even_read, std::back_inserter(start.folders), &std::filesystem::path::native);
  if (auto sent = signer::send_packet(process_.control(), encode(start)); !sent) return gone(sent.error().text);
  const auto packet = next_packet(process_.control());
  if (!packet) return std::unexpected(packet.error());
  auto started = parse_started(packet->message);
  if (!started) return std::unexpected(started.error());
  return std::move(started->complaints);
}

Result<ChildOutcome> Launcher::run(const SshQuestion& question) {
  const std::scoped_lock lock(mutex_);
  auto config = write_memory_file(question.config);
  if (!config) return std::unexpected(config.error());
  const auto id = ++last_id_;
  const auto message = encode(Question{
      .id = id, .ssh = {.host = question.host, .user = question.user, .port = question.port, .jumps = question.jumps}});
  if (message.size() > signer::kLargestMessage) return fail("this is too much to ask ssh");
  if (auto sent = signer::send_packet(process_.control(), message, config->get()); !sent)
    return gone(sent.error().text);
  for (;;) {
    const auto packet = next_packet(process_.control());
    if (!packet) return std::unexpected(packet.error());
    auto answer = parse_answer(packet->message);
    if (!answer) return std::unexpected(answer.error());
    if (answer->id != id) continue;  // what nobody waited for any longer
    if (!answer->ended) return std::unexpected(answer->ended.error());
    return outcome_of(*answer->ended, packet->descriptor);
  }
}

}  // namespace bastion::launcher
