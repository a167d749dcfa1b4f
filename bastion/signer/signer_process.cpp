#include "bastion/signer/signer_process.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <list>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "bastion/base/clock.h"
#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/thread.h"
#include "bastion/loop/scheduling.h"
#include "bastion/signer/confinement.h"
#include "bastion/signer/directory.h"
#include "bastion/signer/key_agent.h"
#include "bastion/signer/messages.h"
#include "bastion/signer/packet.h"
#include "bastion/signer/refused.h"
#include "bastion/signer/sanitizer.h"
#include "bastion/transport/signing.h"

namespace bastion::signer {
namespace {

constexpr int kControl = STDIN_FILENO;
constexpr std::uint32_t kMostChannels = 1024;

struct End {
  loop::Descriptor socket;
  Urgency urgency;
};

// What serve says first.
struct Given {
  Start start;
  std::vector<End> ends;
};

Result<Packet> next_packet() {
  auto packet = receive_from_starter(kControl);
  if (!packet) return std::unexpected(packet.error());
  if (!*packet) std::_Exit(0);  // who has started it has found a reason not to serve, and says it
  return **std::move(packet);
}

Result<Given> receive_start() {
  const auto packet = next_packet();
  if (!packet) return std::unexpected(packet.error());
  auto start = parse_start(packet->message);
  if (!start) return std::unexpected(start.error());
  if (start->channels > kMostChannels) return fail("too many channels");
  Given given{.start = *std::move(start), .ends = {}};
  for (std::uint32_t i = 0; i < given.start.channels; ++i) {
    auto channel = next_packet();
    if (!channel) return std::unexpected(channel.error());
    const auto urgency = parse_urgency(channel->message);
    if (!urgency || !channel->descriptor.valid()) return fail("a channel is missing");
    given.ends.push_back({std::move(channel->descriptor), *urgency});
  }
  return given;
}

// Said once, where it is not as it should be.
void tell(const Result<bool>& done, std::string_view what) {
  if (!done) return log::error("{}: {}", what, done.error().text);
  if (!*done) log::warning("{}: this system cannot forbid that", what);
}

void confine(const std::vector<std::filesystem::path>& readable, Calls calls) {
  if (BASTION_HAS_SANITIZER) return;
  tell(leave_files(readable), "files other than its own are open to the signer");
  tell(allow_only(calls), "system calls that it has no use for are open to the signer");
}

// Whoever reads the log may stand still: nobody waits for that.
Result<> open_log(std::optional<log::Output>& output, const Start& start) {
  try {
    output.emplace(static_cast<log::Level>(start.log_level), static_cast<log::Form>(start.log_form));
    return {};
  } catch (const std::system_error& error) {
    return fail("cannot start a thread: {}", error.code().message());
  }
}

constexpr std::string_view kReady = "ready";

// The other process, which has no keys and never had any. It says first that it is ready, or why not.
[[noreturn]] void read_directory(const Start& start, int socket) {
  ::close(kControl);
  const std::filesystem::path database(start.database);
  ::tzset();
  confine({database.parent_path()}, Calls::messages_and_files);
  std::optional<log::Output> output;
  const auto opened = open_log(output, start);
  const auto said = send_packet(socket, bytes_of(opened ? kReady : std::string_view(opened.error().text)));
  if (opened && said) answer_questions(socket, database);
  output.reset();
  std::_Exit(0);
}

// That process, seen from here: it ends when its socket is closed, and is waited for.
struct Reader {
  Reader(pid_t started, loop::Descriptor talks_to) : process(started), socket(std::move(talks_to)) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() {
    socket = loop::Descriptor();
    while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  pid_t process;
  loop::Descriptor socket;
};

Result<std::unique_ptr<Reader>> start_directory(Given& given) {
  auto sockets = make_socket_pair();
  if (!sockets) return std::unexpected(sockets.error());
  const auto process = ::fork();
  if (process < 0) return fail("cannot start a process: {}", std::strerror(errno));
  if (process == 0) {
    given.ends.clear();
    sockets->ours = loop::Descriptor();
    read_directory(given.start, sockets->theirs.get());
  }
  sockets->theirs = loop::Descriptor();
  auto reader = std::make_unique<Reader>(process, std::move(sockets->ours));
  const auto said = receive_packet(reader->socket.get());
  if (!said) return std::unexpected(said.error());
  if (!*said) return fail("the process that reads the directory has ended");
  if (const auto text = text_of((*said)->message); text != kReady) return fail("{}", text);
  return reader;
}

class Service {
 public:
  // `agent`: nullptr where none of the keys is elsewhere.
  Service(Keys keys, KeyAgent* agent, loop::Descriptor directory)
      : keys_(std::move(keys)), agent_(agent), directory_socket_(directory.get()), directory_(std::move(directory)) {}

  Result<> start(std::vector<End> ends) {
    for (auto& end : ends) {
      auto& channel = channels_.emplace_back(std::move(end));
      auto thread = start_thread([this, &channel] { answer(channel); });
      if (!thread) return std::unexpected(std::move(thread.error()));
      threads_.push_back(*std::move(thread));
    }
    return {};
  }

  ~Service() {
    for (const auto& channel : channels_) ::shutdown(channel.socket.get(), SHUT_RDWR);
    for (auto& thread : threads_) thread.join();
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Until nobody serves any more. The error: one of the others has ended, without which nothing is signed.
  [[nodiscard]] Result<> wait() const {
    const int connector = agent_ == nullptr ? -1 : agent_->watched();
    for (;;) {
      std::array<pollfd, 3> watched{pollfd{.fd = kControl, .events = POLLIN, .revents = 0},
                                    pollfd{.fd = directory_socket_, .events = POLLRDHUP, .revents = 0},
                                    pollfd{.fd = connector, .events = POLLIN, .revents = 0}};
      if (::poll(watched.data(), watched.size(), -1) < 0) continue;
      if (watched[0].revents == 0) {
        return fail("the process that {} has ended",
                    watched[1].revents != 0 ? "reads the directory" : "connects to the agent");
      }
      const auto packet = receive_packet(kControl);
      if (!packet || !*packet) return {};
      if (const auto level = parse_log_level((*packet)->message)) log::set_level(static_cast<log::Level>(*level));
    }
  }

 private:
  // A request is answered, or its channel is closed: whoever asks is not left to wait.
  void answer(const End& channel) {
    contained("a signer", [&] { answer_requests(channel); });
    ::shutdown(channel.socket.get(), SHUT_RDWR);
  }
  void answer_requests(const End& channel) {
    if (channel.urgency == Urgency::strangers) loop::let_others_first();
    std::optional<transport::SignsThrough> through;
    if (agent_ != nullptr) through.emplace(agent_->of(channel.urgency));
    for (;;) {
      const auto packet = receive_packet(channel.socket.get());
      if (!packet || !*packet) return;
      const auto request = parse_request((*packet)->message);
      if (!request) return refused_.note(request.error());
      auto signature = sign(*request, keys_, directory_, unix_now());
      if (!signature) refused_.note(signature.error());
      if (!send_packet(channel.socket.get(), encode(Reply{request->id, std::move(signature)}))) return;
    }
  }

  const Keys keys_;
  KeyAgent* const agent_;
  const int directory_socket_;
  RemoteDirectory directory_;
  Refused refused_;
  std::list<End> channels_;
  std::vector<std::thread> threads_;
};

// What a library reads or makes at its first use it does while it still may.
void warm_up(const Keys& keys) {
  ::tzset();
  const ByteVector nothing(32);
  const auto use = [&](const transport::KeyPair& key) {
    if (key.is_elsewhere()) return;
    const auto& type = key.public_key().type;
    std::ignore = key.sign(type == "ssh-rsa" ? "rsa-sha2-512" : type, nothing);
  };
  for (const auto& key : keys.host_keys) use(key);
  for (const auto& key : keys.identity.keys) use(key);
  use(keys.identity.ca);
}

std::vector<PublicKey> keys_elsewhere(const Keys& keys) {
  std::vector<PublicKey> elsewhere;
  const auto note = [&](const transport::KeyPair& key) {
    if (key.is_elsewhere()) elsewhere.push_back(key.public_key());
  };
  for (const auto& key : keys.host_keys) note(key);
  for (const auto& key : keys.identity.keys) note(key);
  note(keys.identity.ca);
  return elsewhere;
}

Result<> serve(const LoadKeys& load_keys) {
  auto given = receive_start();
  if (!given) return std::unexpected(given.error());
  const auto answer = [](const Result<Holds>& holds) { return send_packet(kControl, encode(holds)); };
  const auto refuse = [&](const Error& why) -> Result<> { return answer(std::unexpected(why)); };
  auto directory = start_directory(*given);
  if (!directory) return refuse(directory.error());
  std::optional<log::Output> output;  // the agent's thread writes to it
  std::unique_ptr<KeyAgent> agent;
  if (const auto& socket = given->start.key_agent; !socket.empty()) {
    auto started = KeyAgent::start(socket);
    if (!started) return refuse(started.error());
    agent = *std::move(started);
  }
  auto keys = load_keys(given->start);
  if (!keys) return refuse(keys.error());
  const auto elsewhere = keys_elsewhere(*keys);
  if (elsewhere.empty()) agent.reset();
  if (agent) {
    if (const auto there = agent->has(elsewhere); !there) return refuse(there.error());
  }
  const auto holds = public_halves(*keys);
  warm_up(*keys);
  confine({}, Calls::messages);
  if (const auto opened = open_log(output, given->start); !opened) return refuse(opened.error());
  Service service(*std::move(keys), agent.get(), std::move((*directory)->socket));
  if (const auto started = service.start(std::move(given->ends)); !started) return refuse(started.error());
  if (const auto answered = answer(holds); !answered) return answered;
  const auto tell_state = [](std::string_view why_not) {
    std::ignore = send_packet(kControl, encode_agent_state(why_not));
  };
  if (agent) {
    if (auto watched = agent->watch(elsewhere, tell_state); !watched) return watched;
  }
  return service.wait();
}

}  // namespace

int run(const LoadKeys& load_keys) {
  keep_memory_private();
  const auto served = serve(load_keys);
  if (!served) log::error("{}", served.error().text);
  return served ? 0 : 1;
}

}  // namespace bastion::signer
