#include "bastion/oidc/issuer_process.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string>
#include <tuple>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/whole_file.h"
#include "bastion/oidc/device_grant.h"
#include "bastion/oidc/http.h"
#include "bastion/oidc/issuer.h"
#include "bastion/oidc/messages.h"
#include "bastion/signer/confinement.h"
#include "bastion/signer/packet.h"

namespace bastion::oidc {
namespace {

constexpr int kSocket = STDIN_FILENO;
constexpr std::size_t kLongestSecret = 4096;
// A sign-on that is not over by then ends: the code is good for half an hour at most, twice.
constexpr unsigned kLongestSignOn = 3700;  // seconds

// The first line of the file.
Result<std::string> read_secret(const std::string& file) {
  if (file.empty()) return std::string();
  auto text = read_whole_file(file, kLongestSecret, Waiting::refused);
  if (!text) return std::unexpected(std::move(text.error()));
  if (text->size() > kLongestSecret) return fail("{}: a client secret has {} bytes at most", file, kLongestSecret);
  text->resize(std::min(text->find_first_of("\r\n"), text->size()));
  if (text->empty()) return fail("{}: there is no client secret in it", file);
  return *std::move(text);
}

// The user, at the other end of a socket.
class Remote final : public Asker {
 public:
  explicit Remote(const loop::Descriptor& socket) : socket_(socket.get()) {}

  void show(const Shown& shown) override { send(shown); }
  [[nodiscard]] Heard hears_within(std::chrono::seconds time) override {
    return is_readable_within(time) ? heard() : Heard::nothing;
  }
  [[nodiscard]] bool waits(std::chrono::seconds time) override {
    const auto over = Clock::now() + time;
    for (auto now = Clock::now(); now < over; now = Clock::now()) {
      if (is_readable_within(std::chrono::ceil<Wait>(over - now)) && heard() == Heard::gone) return false;
    }
    return true;
  }
  void send(const Progress& progress) const { std::ignore = signer::send_packet(socket_, encode(progress)); }

 private:
  using Clock = std::chrono::steady_clock;
  using Wait = std::chrono::milliseconds;

  // What there is to be read.
  [[nodiscard]] Heard heard() const {
    const auto packet = signer::receive_packet(socket_);
    return packet && *packet && (*packet)->message == ByteVector{kBegin} ? Heard::done : Heard::gone;
  }
  [[nodiscard]] bool is_readable_within(Wait wait) const {
    pollfd one{.fd = socket_, .events = POLLIN, .revents = 0};
    return ::poll(&one, 1, static_cast<int>(wait.count())) > 0;
  }

  int socket_;
};

// In the process of one sign-on.
[[noreturn]] void sign_on_one(const Start& start, const loop::Descriptor& socket) {
  ::close(kSocket);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGALRM, SIG_DFL);
  ::alarm(kLongestSignOn);
  std::ignore = signer::allow_only(signer::Calls::serving);
  Remote user(socket);
  const auto person = contained("a sign-on", [&]() -> Result<SignedOn> {
    const auto http = make_https(start.ca_file);
    if (!http) return std::unexpected(http.error());
    return sign_on(start.provider, **http, user, unix_now);
  });
  person ? user.send(*person) : user.send(Failure{person.error().text});
  ::_exit(0);
}

class Children {
 public:
  void sign_on(const Start& start, const loop::Descriptor& socket) {
    while (count_ > 0 && ::waitpid(-1, nullptr, WNOHANG) > 0) --count_;
    const Remote user(socket);
    if (count_ >= Issuer::kMost) return user.send(Failure{"too many users sign on at the same time"});
    const auto process = ::fork();
    if (process == 0) sign_on_one(start, socket);
    if (process < 0) return user.send(Failure{std::string("no process: ") + std::strerror(errno)});
    ++count_;
  }

 private:
  std::size_t count_ = 0;
};

// No file is written, and none of the private keys is read; what has the network has nothing else.
std::string give_up(const Start& start) {
  const auto left = signer::stop_writing({start.not_even_read.begin(), start.not_even_read.end()});
  if (left && *left) return {};
  return "the process that talks to the issuer may read the files of the private keys: " +
         (left ? "this kernel has no landlock" : left.error().text);
}

Result<> serve() {
  const auto first = signer::receive_from_starter(kSocket);
  if (!first) return std::unexpected(first.error());
  if (!*first) return {};
  auto start = parse_start((*first)->message);
  if (!start) return std::unexpected(start.error());
  auto secret = read_secret(start->secret_file);
  const Started started{.error = secret ? std::string() : secret.error().text, .complaint = give_up(*start)};
  if (auto sent = signer::send_packet(kSocket, encode(started)); !sent) return sent;
  if (!secret) return {};
  start->provider.client_secret = *std::move(secret);
  Children children;
  for (;;) {
    const auto packet = signer::receive_packet(kSocket);
    if (!packet) return std::unexpected(packet.error());
    if (!*packet) return {};
    if ((*packet)->descriptor.valid()) children.sign_on(*start, (*packet)->descriptor);
  }
}

}  // namespace

int run() {
  signer::keep_memory_private();
  std::signal(SIGPIPE, SIG_IGN);
  const auto served = serve();
  if (!served) log::error("the process that talks to the issuer: {}", served.error().text);
  return served ? 0 : 1;
}

}  // namespace bastion::oidc
