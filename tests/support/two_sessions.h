// A server and a client of it, tied together in memory: no socket, no loop, and the bytes cut where the test wants it.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/auth/attempt.h"
#include "bastion/base/wire_format.h"
#include "bastion/transport/client_session.h"
#include "bastion/transport/server_session.h"
#include "tests/support/memory_stream.h"

namespace bastion::test {

using transport::ClientSession;
using transport::KeyPair;
using transport::ServerProfile;
using transport::ServerSession;

struct Leg final : transport::Session::Delegate {
  void on_message(MutableBytes packet) override {
    messages.emplace_back(packet.begin(), packet.end());
    if (throws) throw std::out_of_range("nobody expected it");
  }
  void on_drained() override {}
  void on_lost(const transport::Loss& loss) override { lost = loss; }

  std::vector<ByteVector> messages;
  std::optional<transport::Loss> lost;
  bool throws = false;
};

// A server and a client of it, tied together.
struct Pair {
  explicit Pair(std::size_t bytes_at_once = 4096, ClientSession::Options options = {.account = "alice"},
                std::vector<KeyPair> host_keys = make_keys(), const std::string& host_key_algorithms = {})
      : slice(bytes_at_once),
        keys(std::move(host_keys)),
        profile(keys, "", auth::offered_methods(), host_key_algorithms),
        server(take(server_stream), profile),
        client(take(client_stream), options) {
    server.report_to(&server_leg);
    client.report_to(&client_leg);
  }

  std::unique_ptr<ByteStream> take(MemoryStream*& seen) {
    auto stream = std::make_unique<MemoryStream>();
    seen = stream.get();
    return stream;
  }
  void pump() {
    while (server_stream->pump_to(*client_stream, slice) || client_stream->pump_to(*server_stream, slice)) {
    }
  }

  // What a client asks for before it authenticates (RFC 4253 section 10).
  void ask_for_service(std::string_view name = "ssh-userauth") {
    WireWriter request;
    request.u8(5).string(name);
    client.send(request.view());
  }

  static std::vector<KeyPair> make_keys() {
    std::vector<KeyPair> made;
    made.push_back(*KeyPair::generate(KeyPair::Kind::ed25519));
    made.push_back(*KeyPair::generate(KeyPair::Kind::ecdsa));
    return made;
  }

  std::size_t slice;
  std::vector<KeyPair> keys;
  KeyPair identity = *KeyPair::generate(KeyPair::Kind::ed25519);
  MemoryStream* server_stream = nullptr;
  MemoryStream* client_stream = nullptr;
  ServerProfile profile;
  ServerSession server;
  ClientSession client;
  Leg server_leg;
  Leg client_leg;
};

// What the server's side of a login does, cut down to one rule.
inline Task<> answer_all(ServerSession& server, PublicKey accepted, std::vector<std::string>& users) {
  while (true) {
    auth::Attempt attempt(co_await server.auth_requests().next());
    users.push_back(attempt.user());
    if (attempt.claim() && std::get<auth::KeyClaim>(*attempt.claim()).key == accepted) {
      attempt.grant();
    } else {
      attempt.deny();
    }
  }
}

inline Task<> log_in(ClientSession& client, const KeyPair& identity, std::optional<PublicKey>& host_key,
                     std::optional<Result<ClientSession::AuthOutcome>>& outcome) {
  const auto key = co_await client.host_key();
  if (!key) co_return;
  host_key = *key;
  client.authenticate(identity);
  outcome = co_await client.authenticated();
}

inline Task<> log_in_with(ClientSession& client, std::span<const KeyPair> keys,
                          std::optional<Result<ClientSession::AuthOutcome>>& outcome) {
  const auto key = co_await client.host_key();
  if (!key) co_return;
  client.authenticate(keys);
  outcome = co_await client.authenticated();
}

struct LoggedIn : Pair {
  using Pair::Pair;
  void run(const PublicKey& accepted) {
    serving = answer_all(server, accepted, users);
    serving.start([] {});
    logging_in = log_in(client, identity, host_key, outcome);
    logging_in.start([] {});
    pump();
  }

  std::vector<std::string> users;
  std::optional<PublicKey> host_key;
  std::optional<Result<ClientSession::AuthOutcome>> outcome;
  Task<> serving;
  Task<> logging_in;
};

}  // namespace bastion::test
