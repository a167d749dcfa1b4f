// Strangers who make a bastion compute, as many at once as they are told, until SIGTERM or until their time is over.
// Measured beside it is what others notice (strangers.py).
//
//   flood handshakes|signatures|silence HOST PORT ADDRESS[,ADDRESS...] AT_ONCE SECONDS [PACE]
//
// From each of the addresses in turn. `handshakes`: a key exchange signed by an RSA host key, again and again.
// `signatures`: after each key exchange twenty requests to authenticate, none of which waits for its answer, signed by
// an RSA key that was made to be slow. `silence`: not even a version line, for as long as the other end puts up with
// it. PACE: no more than so many a second begin, of all together. Prints how many were begun, and how many came to the
// end of what they wanted: when it begins, whenever it gets SIGUSR1, and at its end.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bastion/base/task.h"
#include "bastion/base/wire_format.h"
#include "bastion/loop/descriptor.h"
#include "bastion/transport/client_session.h"
#include "tests/hostile/blocking_client.h"

namespace bastion {
namespace {

constexpr int kRequests = 20;

std::atomic<bool> stopped = false;

enum class Kind : std::uint8_t { handshakes, signatures, silence };

struct Plan {
  Kind kind = Kind::handshakes;
  sockaddr_in to{};
  std::vector<in_addr> from;
  int at_once = 1;
  std::chrono::nanoseconds between{0};
  std::chrono::steady_clock::time_point since;
  std::chrono::steady_clock::time_point until;
};

struct Counts {
  std::atomic<unsigned> turns = 0;  // given at the pace of the plan
  std::atomic<unsigned> begun = 0;
  std::atomic<unsigned> done = 0;
};

// 3072 bits of modulus, and an exponent that is as long: to verify with it takes seventy times what it should.
ByteVector slow_key() {
  ByteVector number(384, 0xa5);
  number.back() = 0xa7;
  WireWriter key;
  ByteVector exponent(number.begin() + 1, number.end());
  exponent.front() = 0x7f;
  number.insert(number.begin(), 0);
  key.string(std::string_view{"ssh-rsa"}).string(exponent).string(number);
  return key.take();
}

ByteVector signed_request() {
  constexpr std::string_view kAlgorithm = "rsa-sha2-512";
  WireWriter signature;
  signature.string(kAlgorithm).string(ByteVector(384, 0x5a));
  WireWriter request;
  request.u8(50).string(std::string_view{"alice"}).string(std::string_view{"ssh-connection"});
  request.string(std::string_view{"publickey"}).boolean(true).string(kAlgorithm).string(slow_key());
  request.string(signature.view());
  return request.take();
}

loop::Descriptor connected(const Plan& plan, const in_addr& from) {
  loop::Descriptor connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr = from;
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  const auto* const there = reinterpret_cast<const sockaddr*>(&plan.to);
  std::ignore = ::setsockopt(connection.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::bind(connection.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) return {};
  if (::connect(connection.get(), there, sizeof plan.to) != 0) return {};
  return connection;
}

Task<> wait_for_key(transport::ClientSession& session, bool& exchanged) {
  const auto key = co_await session.host_key();
  exchanged = key.has_value();
}

[[nodiscard]] bool goes_on(const Plan& plan) { return !stopped && std::chrono::steady_clock::now() < plan.until; }

// Whether the other end has spoken, and then ended it.
bool stays_silent(const Plan& plan, const loop::Descriptor& connection) {
  std::array<char, 4096> said{};
  bool heard = false;
  while (goes_on(plan)) {
    const auto size = ::recv(connection.get(), said.data(), said.size(), 0);
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return heard;
    heard |= size > 0;
  }
  return false;
}

// Whether it came as far as it wanted.
bool attempt(const Plan& plan, loop::Descriptor connection) {
  if (plan.kind == Kind::silence) return stays_silent(plan, connection);
  auto* const stream = new hostile::BlockingStream(std::move(connection));
  transport::ClientSession session(std::unique_ptr<ByteStream>(stream),
                                   {.account = "alice", .known_host_keys = {{.type = "ssh-rsa", .blob = {}}}});
  bool exchanged = false;
  auto waiting = wait_for_key(session, exchanged);
  waiting.start([] {});
  while (!exchanged && !session.loss() && stream->read_once()) {
  }
  if (!exchanged || plan.kind == Kind::handshakes) return exchanged;
  WireWriter service;
  service.u8(5).string(std::string_view{"ssh-userauth"});
  session.send(service.view());
  static const auto request = signed_request();
  for (int i = 0; i < kRequests; ++i) session.send(request);
  // Its answers are not understood by a client that has not asked; the end of the connection is.
  while (stream->read_once()) {
  }
  return true;
}

void go_on(const Plan& plan, std::size_t first, Counts& counts) {
  for (auto turn = first; goes_on(plan); ++turn) {
    std::this_thread::sleep_until(std::min(plan.since + plan.between * counts.turns++, plan.until));
    if (!goes_on(plan)) return;
    auto connection = connected(plan, plan.from[turn % plan.from.size()]);
    if (!connection.valid()) {
      std::this_thread::yield();
      continue;
    }
    ++counts.begun;
    if (attempt(plan, std::move(connection))) ++counts.done;
  }
}

std::vector<in_addr> addresses_of(std::string_view list) {
  std::vector<in_addr> addresses;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    in_addr address{};
    if (::inet_pton(AF_INET, std::string(list.substr(0, comma)).c_str(), &address) == 1) addresses.push_back(address);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return addresses;
}

}  // namespace
}  // namespace bastion

int main(int argc, char** argv) {
  using namespace bastion;
  constexpr std::array<std::string_view, 3> kKinds{"handshakes", "signatures", "silence"};
  const auto kind = argc == 7 || argc == 8 ? std::ranges::find(kKinds, std::string_view(argv[1])) : kKinds.end();
  if (kind == kKinds.end()) {
    fmt::print(stderr,
               "usage: flood handshakes|signatures|silence HOST PORT ADDRESS[,ADDRESS...] AT_ONCE SECONDS [PACE]\n");
    return 2;
  }
  Plan plan;
  plan.kind = static_cast<Kind>(kind - kKinds.begin());
  plan.to.sin_family = AF_INET;
  ::inet_pton(AF_INET, argv[2], &plan.to.sin_addr);
  plan.to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[3])));
  plan.from = addresses_of(argv[4]);
  plan.at_once = std::atoi(argv[5]);
  plan.since = std::chrono::steady_clock::now();
  plan.until = plan.since + std::chrono::seconds(std::atoi(argv[6]));
  if (argc == 8) plan.between = std::chrono::nanoseconds(std::chrono::seconds(1)) / std::max(1, std::atoi(argv[7]));
  // The threads have what is blocked from here.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Counts counts;
  const auto say = [&counts] {
    fmt::print("{} {}\n", counts.begun.load(), counts.done.load());
    std::fflush(stdout);
  };
  say();
  std::vector<std::thread> threads;
  for (int i = 0; i < plan.at_once; ++i) {
    threads.emplace_back([&, i] { go_on(plan, static_cast<std::size_t>(i), counts); });
  }
  while (goes_on(plan)) {
    const timespec moment{.tv_sec = 1, .tv_nsec = 0};
    const int number = sigtimedwait(&signals, nullptr, &moment);
    if (number == SIGUSR1) say();
    if (number == SIGTERM) stopped = true;
  }
  for (auto& thread : threads) thread.join();
  say();
  return 0;
}
