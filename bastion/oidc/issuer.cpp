#include "bastion/oidc/issuer.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "bastion/base/match.h"
#include "bastion/signer/packet.h"

namespace bastion::oidc {
namespace {

// It forks, and reads the next question: nobody waits for a network.
constexpr std::chrono::milliseconds kPatience{2000};

std::unexpected<Error> gone(std::string_view why) { return fail("the process that talks to the issuer: {}", why); }

}  // namespace

Conversation::Conversation(loop::Loop& loop, loop::Descriptor socket)
    : socket_(std::move(socket)), watcher_(loop, socket_.get(), [this](unsigned) { on_readable(); }) {
  watcher_.watch(loop::Watcher::readable);
}

void Conversation::go_on() {
  std::ignore = ::send(socket_.get(), &kBegin, sizeof kBegin, MSG_DONTWAIT | MSG_NOSIGNAL);  // it may be gone
}

// Whoever waits may destroy this as soon as an event is set.
void Conversation::on_readable() {
  ByteVector message(kLongestProgress);
  const auto count = ::recv(socket_.get(), message.data(), message.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count <= 0) return end(gone("it has given no answer").error());
  message.resize(static_cast<std::size_t>(count));
  auto progress = parse_progress(message);
  if (!progress) return end(std::move(progress.error()));
  std::visit(Match{[this](Shown& shown) { shown_.set(std::move(shown)); },
                   [this](SignedOn& person) {
                     if (!shown_.is_set()) return end(Error{"nobody was asked to sign on"});
                     watcher_.watch(loop::Watcher::none);
                     outcome_.set(std::move(person));
                   },
                   [this](Failure& failure) { end(Error{std::move(failure.why)}); }},
             *progress);
}

void Conversation::end(Error why) {
  watcher_.watch(loop::Watcher::none);
  if (!shown_.is_set()) return shown_.set(std::unexpected(std::move(why)));
  outcome_.set(std::unexpected(std::move(why)));
}

Result<std::unique_ptr<Issuer>> Issuer::start() {
  auto process = signer::Companion::start(kVerb);
  if (!process) return std::unexpected(process.error());
  const timeval time{.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(kPatience).count(), .tv_usec = 0};
  ::setsockopt(process->control(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  ::setsockopt(process->control(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  return std::unique_ptr<Issuer>(new Issuer(*std::move(process)));
}

Result<std::string> Issuer::confine(const Start& start) {
  if (auto sent = signer::send_packet(process_.control(), encode(start)); !sent) return gone(sent.error().text);
  const auto packet = signer::receive_packet(process_.control());
  if (!packet) return gone(packet.error().text);
  if (!*packet) return gone("it has ended");
  auto started = parse_started((*packet)->message);
  if (!started) return std::unexpected(started.error());
  if (!started->error.empty()) return fail("oidc: {}", started->error);
  return std::move(started->complaint);
}

Result<std::unique_ptr<Conversation>> Issuer::begin(loop::Loop& loop) {
  auto sockets = signer::make_socket_pair();
  if (!sockets) return std::unexpected(std::move(sockets.error()));
  const ByteVector message{kBegin};
  if (auto sent = signer::send_packet(process_.control(), message, sockets->theirs.get()); !sent) {
    return gone(sent.error().text);
  }
  return std::make_unique<Conversation>(loop, std::move(sockets->ours));
}

}  // namespace bastion::oidc
