#include "bastion/launcher/launcher_process.h"

#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "bastion/base/log.h"
#include "bastion/launcher/memory_file.h"
#include "bastion/launcher/messages.h"
#include "bastion/signer/confinement.h"
#include "bastion/signer/packet.h"
#include "bastion/signer/sanitizer.h"

namespace bastion::launcher {
namespace {

constexpr int kSocket = STDIN_FILENO;

void note(const Result<bool>& done, std::string_view what, Started& started) {
  if (!done) started.complaints.push_back(fmt::format("{}: {}", what, done.error().text));
  if (done && !*done) started.complaints.push_back(fmt::format("{}: this system cannot forbid that", what));
}

Started give_up(const Start& start) {
  Started started;
  note(signer::stop_writing({start.folders.begin(), start.folders.end()}), "the launcher may write files, and read all",
       started);
  if (BASTION_HAS_SANITIZER) return started;
  note(signer::allow_only(signer::Calls::launching), "system calls that it has no use for are open to the launcher",
       started);
  return started;
}

// With what was printed.
std::pair<Answer, loop::Descriptor> answer_to(const Question& question, const loop::Descriptor& config) {
  const auto failed = [&](Error why) {
    return std::pair{Answer{.id = question.id, .ended = std::unexpected(std::move(why))}, loop::Descriptor()};
  };
  auto text = read_memory_file(config, kLongestSshConfig);
  if (!text) return failed(std::move(text.error()));
  auto ssh = question.ssh;
  ssh.config = *std::move(text);
  const auto outcome = run_ssh(ssh);
  if (!outcome) return failed(outcome.error());
  auto printed = write_memory_file(outcome->out + outcome->err);
  if (!printed) return failed(std::move(printed.error()));
  Ended ended{.status = {},
              .out_size = static_cast<std::uint32_t>(outcome->out.size()),
              .err_size = static_cast<std::uint32_t>(outcome->err.size())};
  if (outcome->status) ended.status = static_cast<std::uint8_t>(*outcome->status);
  return {Answer{.id = question.id, .ended = ended}, *std::move(printed)};
}

Result<> answer_questions() {
  for (;;) {
    const auto packet = signer::receive_packet(kSocket);
    if (!packet) return std::unexpected(packet.error());
    if (!*packet) return {};
    const auto question = parse_question((*packet)->message);
    if (!question) return std::unexpected(question.error());
    const auto [answer, printed] = answer_to(*question, (*packet)->descriptor);
    if (auto sent = signer::send_packet(kSocket, encode(answer), printed.get()); !sent) return sent;
  }
}

Result<> serve() {
  const auto packet = signer::receive_from_starter(kSocket);
  if (!packet) return std::unexpected(packet.error());
  if (!*packet) return {};
  const auto start = parse_start((*packet)->message);
  if (!start) return std::unexpected(start.error());
  if (auto sent = signer::send_packet(kSocket, encode(give_up(*start))); !sent) return sent;
  return answer_questions();
}

}  // namespace

int run() {
  signer::keep_memory_private();
  const auto served = serve();
  if (!served) log::error("the launcher: {}", served.error().text);
  return served ? 0 : 1;
}

}  // namespace bastion::launcher
