#include "bastion/signer/agent.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bastion/base/agent_messages.h"
#include "bastion/base/wire_format.h"
#include "bastion/transport/keys.h"

namespace bastion::signer {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPart = std::size_t{16} * 1024;

// False: the time is over.
bool wait_for(int socket, short events, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return false;
    pollfd watched{.fd = socket, .events = events, .revents = 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

// By what it says itself; nobody has verified anything yet.
std::string_view algorithm_of(Bytes signature) { return WireReader(signature).text(); }

}  // namespace

Agent::Agent(std::string place, Connect connect, Times times)
    : place_(std::move(place)), connect_(std::move(connect)), times_(times), rest_(times.rest) {}

std::unexpected<Error> Agent::blame(std::string_view what) const { return fail("the agent {}: {}", place_, what); }

void Agent::rest() {
  rests_until_ = Clock::now() + rest_;
  rest_ = std::min(2 * rest_, times_.longest_rest);
}

// What remains of a request that failed would be taken for the answer to the next one: the connection goes with it.
Result<ByteVector> Agent::ask_once(Bytes request, Clock::time_point until) {
  has_closed_ = false;
  was_silent_ = false;
  auto connection = std::exchange(connection_, loop::Descriptor());
  if (!connection.valid()) {
    auto made = connect_();
    if (!made) return blame(made.error().text);
    connection = *std::move(made);
    ++connections_;
  }
  const auto closed = [&] {
    has_closed_ = true;
    return blame("it has closed the connection");
  };
  const auto silent = [&] {
    was_silent_ = true;
    return blame(fmt::format("no answer within {} ms", times_.patience.count()));
  };
  while (!request.empty()) {
    if (!wait_for(connection.get(), POLLOUT, until)) return silent();
    const auto sent = ::send(connection.get(), request.data(), request.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) request = request.subspan(static_cast<std::size_t>(sent));
    if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return closed();
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return blame(std::strerror(errno));
  }
  AgentAnswer answer;
  ByteVector part(kPart);
  bool has_begun = false;
  for (;;) {
    if (!wait_for(connection.get(), POLLIN, until)) return silent();
    const auto size = ::recv(connection.get(), part.data(), part.size(), MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0 && !has_begun) return closed();
    if (size <= 0) return blame("it has closed the connection in the middle of an answer");
    has_begun = true;
    const auto whole = answer.add(Bytes(part).first(static_cast<std::size_t>(size)));
    if (!whole) return blame(whole.error().text);
    if (!*whole) continue;
    connection_ = std::move(connection);
    return ByteVector((*whole)->begin(), (*whole)->end());
  }
}

// A connection that was there may be to an agent that has ended since: it is asked once more over another one.
Result<ByteVector> Agent::ask(Bytes request, Clock::time_point until) {
  const bool was_there = connection_.valid();
  auto answer = ask_once(request, until);
  if (!answer && was_there && has_closed_) answer = ask_once(request, until);
  return answer;
}

Result<ByteVector> Agent::sign(const transport::SignatureRequest& request) {
  const auto until = Clock::now() + times_.patience;
  const std::unique_lock lock(mutex_, std::chrono::system_clock::now() + times_.patience);  // see mutex_
  if (!lock) return blame("it is busy with other signatures");
  if (Clock::now() < rests_until_) return blame("it has not answered, and is not asked again yet");
  const auto answer = ask(encode_sign_request(request.key, request.data, request.algorithm), until);
  if (!answer) {
    if (was_silent_) rest();
    return answer;
  }
  rest_ = times_.rest;
  auto signature = decode_sign_response(*answer);
  if (!signature) {
    return blame(fmt::format("{}: is the key {} there, and the agent not locked?", signature.error().text,
                             transport::fingerprint(request.key)));
  }
  if (algorithm_of(*signature) != request.algorithm ||
      !transport::is_signed_by(request.key, *signature, request.data)) {
    return blame(fmt::format("what it has signed is not by the key {}, or not what it was asked for",
                             transport::fingerprint(request.key)));
  }
  return signature;
}

Result<std::vector<ByteVector>> Agent::keys() {
  const auto until = Clock::now() + times_.patience;
  const std::unique_lock lock(mutex_, std::chrono::system_clock::now() + times_.patience);  // see mutex_
  if (!lock) return blame("it is busy with other signatures");
  const auto answer = ask(encode_request_identities(), until);
  if (!answer) return std::unexpected(answer.error());
  auto there = decode_identities_answer(*answer);
  if (!there) return blame(there.error().text);
  std::vector<ByteVector> blobs;
  blobs.reserve(there->size());
  for (auto& key : *there) blobs.push_back(std::move(key.blob));
  return blobs;
}

Result<> Agent::has(const std::vector<PublicKey>& keys) {
  const auto there = this->keys();
  if (!there) return std::unexpected(there.error());
  for (const auto& key : keys) {
    if (std::ranges::find(*there, key.blob) != there->end()) continue;
    return blame(
        fmt::format("it does not have the key {} {}, or is locked", key.type, transport::fingerprint(key.blob)));
  }
  return {};
}

}  // namespace bastion::signer
