// A peer that does not behave, for the stories about bad peers.
//
//   hostile_peer list client|stranger|container
//   hostile_peer client    ADDRESS:PORT LOGIN KEY_FILE BEHAVIOUR     logs in and misbehaves
//   hostile_peer stranger  ADDRESS:PORT BEHAVIOUR                    misbehaves before it logs in
//   hostile_peer container ADDRESS:PORT HOST_KEY_FILE BEHAVIOUR      lets everybody in and misbehaves with the first
//   hostile_peer states    ADDRESS:PORT LOGIN KEY_FILE               every message in every state of a channel
//   hostile_peer numbers   ADDRESS:PORT LOGIN KEY_FILE               every message number before authentication
//   hostile_peer blocking  ADDRESS:PORT LOGIN KEY_FILE command|subsystem|forward WHAT CHANNELS BYTES TEXT
//
// The last three end by themselves (channel_states.h, message_numbers.h, blocking_client.h).
// Prints `ready` when a container listens, `outcome: …` when it is done (peer.h says what), and stays connected until
// its standard input ends.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "bastion/base/endpoint.h"
#include "bastion/loop/connector.h"
#include "bastion/loop/executor.h"
#include "bastion/loop/listener.h"
#include "bastion/loop/tcp_stream.h"
#include "bastion/loop/watcher.h"
#include "bastion/transport/client_session.h"
#include "bastion/transport/library.h"
#include "bastion/transport/server_session.h"
#include "tests/hostile/behaviour.h"
#include "tests/hostile/blocking_client.h"
#include "tests/hostile/channel_states.h"
#include "tests/hostile/message_numbers.h"

namespace bastion::hostile {

std::span<const Behaviour> behaviours() {
  static const auto all = [] {
    std::vector<Behaviour> table;
    for (const auto part :
         {about_windows(), about_channels(), about_order(), about_floods(), about_sizes(), about_the_transport()}) {
      table.insert(table.end(), part.begin(), part.end());
    }
    return table;
  }();
  return all;
}

namespace {

using namespace std::chrono_literals;

void tell(const std::string& line) {
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

void tell_outcome(const Peer& peer) { tell(fmt::format("outcome: {} ({})", peer.outcome(), peer.farewell())); }

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "hostile_peer: {}\n", why);
  std::exit(2);
}

const Behaviour& find(std::span<const Behaviour> table, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Behaviour::name);
  if (found == table.end()) give_up(fmt::format("no behaviour is called {}", name));
  return *found;
}

// What is not read shall lie in the bastion's memory, not in this kernel's.
loop::Descriptor with_small_buffers(loop::Descriptor socket) {
  const int size = 16 * 1024;
  for (const int option : {SO_RCVBUF, SO_SNDBUF}) {
    ::setsockopt(socket.get(), SOL_SOCKET, option, &size, sizeof size);
  }
  return socket;
}

loop::Descriptor blocking_connection(const Endpoint& to) {
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(to.port), .sin_addr = {}, .sin_zero = {}};
  loop::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::inet_pton(AF_INET, to.host.c_str(), &address.sin_addr) != 1 ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    give_up(fmt::format("{} cannot be reached", to.text()));
  }
  return socket;
}

// One connection with all it needs, destroyed from its end.
template <typename Session>
struct Connection {
  template <typename... Args>
  Connection(loop::Loop& loop, loop::Descriptor socket, Role role, Args&&... args)
      : Connection(loop, std::make_unique<loop::TcpStream>(loop, with_small_buffers(std::move(socket))), role,
                   std::forward<Args>(args)...) {}
  template <typename... Args>
  Connection(loop::Loop& loop, std::unique_ptr<loop::TcpStream> below, Role role, Args&&... args)
      : stream(*below), session(std::move(below), std::forward<Args>(args)...), peer(loop, session, stream, role) {}

  loop::TcpStream& stream;
  Session session;
  Peer peer;
};

using ClientConnection = Connection<transport::ClientSession>;
using ServerConnection = Connection<transport::ServerSession>;

// Peers are given by address: its thread has nothing to do.
Task<Result<loop::Descriptor>> connect_to(loop::Loop& loop, Endpoint to) {
  const auto names = loop::Executor::start("name look-ups", {});
  if (!names) co_return std::unexpected(names.error());
  co_return co_await loop::connect(loop, **names, to, 10s);
}

Task<> be_client(loop::Loop& loop, Endpoint to, std::string account, const transport::KeyPair* key, Behaviour behaviour,
                 std::unique_ptr<ClientConnection>& connection) {
  auto socket = co_await connect_to(loop, to);
  if (!socket) give_up(socket.error().text);
  const transport::ClientSession::Options options{.account = account};
  connection = std::make_unique<ClientConnection>(loop, *std::move(socket), Role::client, options);
  auto& [stream, session, peer] = *connection;
  const auto host_key = co_await session.host_key();
  if (!host_key) give_up(host_key.error().text);
  // A stranger is refused once, so that the service is there to which more may be said.
  const auto nobody = transport::KeyPair::generate(transport::KeyPair::Kind::ed25519);
  session.authenticate(key != nullptr ? *key : *nobody);
  const auto in = co_await session.authenticated();
  const bool is_in = in && *in == transport::ClientSession::AuthOutcome::accepted;
  if (is_in != (key != nullptr)) give_up(is_in ? "a stranger was let in" : "the login was refused");
  co_await behaviour.act(peer);
  tell_outcome(peer);
}

Task<> be_container(ServerConnection& connection, Behaviour behaviour) {
  while (!connection.session.authenticated()) {
    auto request = co_await connection.session.auth_requests().next();
    request.grant();
  }
  co_await behaviour.act(connection.peer);
  tell_outcome(connection.peer);
}

// Runs until standard input ends.
void run(loop::Loop& loop) {
  loop::Watcher input(loop, STDIN_FILENO, [&](unsigned) {
    std::array<char, 256> ignored{};
    if (::read(STDIN_FILENO, ignored.data(), ignored.size()) <= 0) loop.stop();
  });
  input.watch(loop::Watcher::readable);
  loop.run();
}

void run_client(const Endpoint& to, const std::string& account, const transport::KeyPair* key,
                const Behaviour& behaviour) {
  loop::Loop loop;
  std::unique_ptr<ClientConnection> connection;
  auto task = be_client(loop, to, account, key, behaviour, connection);
  task.start([] {});
  run(loop);
}

// One connection after the other, because most of what is said ends it.
Task<> try_states(loop::Loop& loop, Endpoint to, std::string account, const transport::KeyPair& key) {
  for (const auto& state : channel_states()) {
    for (const auto& utterance : channel_utterances()) {
      auto socket = co_await connect_to(loop, to);
      if (!socket) give_up(socket.error().text);
      const transport::ClientSession::Options options{.account = account};
      auto connection = std::make_unique<ClientConnection>(loop, *std::move(socket), Role::client, options);
      std::ignore = co_await connection->session.host_key();
      connection->session.authenticate(key);
      std::ignore = co_await connection->session.authenticated();
      const auto channel = co_await state.reach(connection->peer);
      if (!channel) give_up(fmt::format("no channel is {}", state.name));
      const auto fate = co_await fate_of(connection->peer, *channel, utterance);
      tell(fmt::format("{} {}: {}", state.name, utterance.name, fate));
      loop.defer_delete(std::move(connection));  // it may be telling us that it is over
    }
  }
  loop.stop();
}

void run_states(const Endpoint& to, const std::string& account, const transport::KeyPair& key) {
  loop::Loop loop;
  auto task = try_states(loop, to, account, key);
  task.start([] {});
  loop.run();
}

// Says it where a login begins; `goes on` when that succeeds all the same.
Task<> try_numbers(loop::Loop& loop, Endpoint to, std::string account, const transport::KeyPair& key) {
  for (const auto number : untimely_numbers()) {
    auto socket = co_await connect_to(loop, to);
    if (!socket) give_up(socket.error().text);
    const transport::ClientSession::Options options{.account = account};
    auto connection = std::make_unique<ClientConnection>(loop, *std::move(socket), Role::client, options);
    std::ignore = co_await connection->session.host_key();
    connection->peer.say_bytes(untimely_message(number));
    connection->session.authenticate(key);
    const auto in = co_await connection->session.authenticated();
    const bool goes_on = in && *in == transport::ClientSession::AuthOutcome::accepted;
    tell(fmt::format("{}: {}", number, goes_on ? "goes on" : "ends"));
    loop.defer_delete(std::move(connection));
  }
  loop.stop();
}

void run_numbers(const Endpoint& to, const std::string& account, const transport::KeyPair& key) {
  loop::Loop loop;
  auto task = try_numbers(loop, to, account, key);
  task.start([] {});
  loop.run();
}

void run_blocking(const Endpoint& to, const std::string& account, const transport::KeyPair& key,
                  BlockingClient::Plan plan) {
  const auto outcome = BlockingClient(blocking_connection(to), account, std::move(plan)).run(key);
  if (!outcome) give_up(outcome.error().text);
  tell(fmt::format("received {}, succeeded {}", outcome->received, outcome->succeeded));
}

void run_container(const Endpoint& at, transport::KeyPair key, const Behaviour& behaviour) {
  loop::Loop loop;
  std::vector<transport::KeyPair> keys;
  keys.push_back(std::move(key));
  transport::ServerProfile profile(keys, "", "publickey");
  std::vector<std::unique_ptr<ServerConnection>> connections;
  std::vector<Task<>> tasks;
  auto listener = loop::Listener::open(loop, at, [&](loop::Descriptor socket, const Endpoint&) {
    connections.push_back(std::make_unique<ServerConnection>(loop, std::move(socket), Role::container, profile));
    tasks.push_back(be_container(*connections.back(), behaviour));
    tasks.back().start([] {});
  });
  if (!listener) give_up(listener.error().text);
  tell("ready");
  run(loop);
  tasks.clear();
}

BlockingClient::Plan plan_of(const std::vector<std::string>& words) {
  using Kind = BlockingClient::Plan::Kind;
  const auto kind = words[0] == "command" ? Kind::command : words[0] == "subsystem" ? Kind::subsystem : Kind::forward;
  return {.kind = kind,
          .what = words[1],
          .channels = static_cast<std::uint32_t>(std::stoul(words[2])),
          .bytes = std::stoul(words[3]),
          .text = words[4]};
}

template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().text);
  return *std::move(result);
}

int run(const std::vector<std::string>& words) {
  if (words.size() == 2 && words[0] == "list") {
    for (const auto& each : words[1] == "stranger" ? behaviours_of_strangers() : behaviours())
      tell(std::string(each.name));
  } else if (words.size() == 5 && words[0] == "client") {
    const auto key = must(transport::KeyPair::load(words[3]));
    run_client(must(parse_endpoint(words[1], {})), words[2], &key, find(behaviours(), words[4]));
  } else if (words.size() == 3 && words[0] == "stranger") {
    run_client(must(parse_endpoint(words[1], {})), "alice", nullptr, find(behaviours_of_strangers(), words[2]));
  } else if (words.size() == 4 && words[0] == "container") {
    auto key = must(transport::KeyPair::load(words[2]));
    run_container(must(parse_endpoint(words[1], {})), std::move(key), find(behaviours(), words[3]));
  } else if (words.size() == 4 && words[0] == "states") {
    run_states(must(parse_endpoint(words[1], {})), words[2], must(transport::KeyPair::load(words[3])));
  } else if (words.size() == 4 && words[0] == "numbers") {
    run_numbers(must(parse_endpoint(words[1], {})), words[2], must(transport::KeyPair::load(words[3])));
  } else if (words.size() == 9 && words[0] == "blocking") {
    const auto key = must(transport::KeyPair::load(words[3]));
    run_blocking(must(parse_endpoint(words[1], {})), words[2], key, plan_of({words.begin() + 4, words.end()}));
  } else {
    give_up("the first lines of tests/hostile/hostile_peer.cpp say how to call this");
  }
  return 0;
}

}  // namespace
}  // namespace bastion::hostile

int main(int argc, char** argv) {
  const bastion::transport::Library library;
  return bastion::hostile::run(std::vector<std::string>(argv + 1, argv + argc));
}
