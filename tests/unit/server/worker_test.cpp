#include "bastion/server/worker.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/access/container_place.h"
#include "bastion/base/byte_stream.h"
#include "bastion/base/bytes.h"
#include "bastion/base/endpoint.h"
#include "bastion/base/public_key.h"
#include "bastion/base/reason.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/connection/local_channel.h"
#include "bastion/connection/local_session.h"
#include "bastion/connection/message.h"
#include "bastion/connection/mux.h"
#include "bastion/connection/session_start.h"
#include "bastion/loop/connector.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/listener.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_stream.h"
#include "bastion/metrics/counters.h"
#include "bastion/probe/explanation.h"
#include "bastion/probe/order.h"
#include "bastion/server/id.h"
#include "bastion/server/strangers.h"
#include "bastion/session/admin_endpoint.h"
#include "bastion/session/live_session.h"
#include "bastion/session/stranger.h"
#include "bastion/transport/client_session.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/session.h"
#include "bastion/upstream/reachability.h"
#include "store/containers.h"
#include "store/keys.h"
#include "store/reader.h"
#include "store/sessions.h"
#include "store/users.h"
#include "tests/support/known_codes.h"
#include "tests/support/known_passwords.h"
#include "tests/support/loopback_sshd.h"
#include "tests/support/no_invitations.h"
#include "tests/support/run_until.h"
#include "tests/support/small_world.h"
#include "tests/support/two_sessions.h"
#include "tests/support/upstream_world.h"

namespace bastion::server {
namespace {

using connection::SessionStart;
using test::must;
using test::run_until;
using transport::ClientSession;

// Says who has come in and with which words, and stays until it is sent away. On the worker's thread.
struct WordyEndpoint final : session::AdminEndpoint {
  struct Conversation final : Session {
    Conversation(std::unique_ptr<connection::LocalSession> served, std::string greeting)
        : session(std::move(served)), says(std::move(greeting)) {}
    void start() override { session->stream().write(bytes_of(says)); }
    void leave(const std::string& line, std::uint32_t status) override {
      session->stream().write_error(bytes_of(line));
      session->exit(status);
    }

    std::unique_ptr<connection::LocalSession> session;
    std::string says;
  };

  std::unique_ptr<Session> open(Client client, std::unique_ptr<connection::LocalSession> session, std::string words,
                                std::function<void()> /*on_over*/) override {
    return std::make_unique<Conversation>(std::move(session), client.identity.name + " asks for " + words);
  }
};

// A user's client.
struct WorkerClient final : private transport::Session::Delegate,
                            private connection::LocalChannel::Session,
                            private ByteStream::Reader {
  WorkerClient(loop::Loop& on, loop::Descriptor connection, const std::string& user, std::uint64_t rekey_after)
      : loop(on),
        session(std::make_unique<loop::TcpStream>(on, std::move(connection)),
                ClientSession::Options{.account = user, .rekey_after = rekey_after}),
        mux(session) {
    session.report_to(this);
  }
  ~WorkerClient() { session.report_to(nullptr); }

  // Whether this key is let in.
  bool logs_in(const transport::KeyPair& key) {
    std::optional<PublicKey> host_key;
    std::optional<Result<ClientSession::AuthOutcome>> outcome;
    auto task = test::log_in(session, key, host_key, outcome);
    task.start([] {});
    run_until(loop, [&] { return task.done() || lost; });
    return outcome && *outcome && **outcome == ClientSession::AuthOutcome::accepted;
  }
  // Opens a session and waits for what becomes of the opening: the error is why it is refused.
  Result<> opens_session() {
    channel = mux.open_session();
    channel->read_to(this);
    std::optional<Result<>> opened;
    const auto wait = [](connection::LocalChannel& one, std::optional<Result<>>& came) -> Task<> {
      const auto answer = co_await one.opened();
      came = answer ? Result<>{} : fail("{}", answer.error().text);
    };
    auto task = wait(*channel, opened);
    task.start([] {});
    run_until(loop, [&] { return opened || lost; });
    return opened ? *opened : fail("lost: {}", lost->text);
  }
  void starts(SessionStart::Kind kind, std::string words) {
    closed = false;
    channel->start({.kind = kind, .words = std::move(words)}, *this);
  }

  loop::Loop& loop;
  ClientSession session;
  connection::Mux mux;
  std::unique_ptr<connection::LocalChannel> channel;
  std::optional<transport::Loss> lost;
  std::optional<bool> granted;
  std::string output;
  std::string errors;
  std::optional<std::uint32_t> exit_status;
  bool closed = false;  // the session

 private:
  void on_message(MutableBytes packet) override { must(mux.receive(packet)); }
  void on_lost(const transport::Loss& loss) override {
    lost = loss;
    mux.lost(Error{loss.text});
  }
  void on_drained() override {}  // of the transport, and of the channel
  void on_error_bytes(Bytes bytes) override { errors += text_of(bytes); }
  void on_started(bool is_granted) override { granted = is_granted; }
  void on_request(const connection::ChannelRequest& request) override {
    if (const auto status = connection::parse_exit_status(request)) exit_status = status;
  }
  void on_bytes(MutableBytes bytes) override { output += text_of(bytes); }
  void on_eof() override {}
  void on_lost(const Error& /*why*/) override { closed = true; }
};

// A worker and a thread for strangers that serve: alice, who has a container web behind be1, and root, an administrator
// who has none. Both have a thread of their own, everybody else is on the test's.
struct WorkerWorld : test::UpstreamWorld {
  WorkerWorld() {
    enroll("alice", alice);
    enroll("root", root);
    auto boss = must(users.get("root"));
    boss.role = store::Role::admin;
    must(users.update(boss));
    be1.behind = &web;
    backend_at("be1", be1);
    container("alice", "web", "be1", "10.0.3.100");
  }
  // As serve does it: the threads end, then the writer, and only then the worker goes.
  ~WorkerWorld() {
    if (worker) ends();
  }
  void ends() {
    strangers->drain();
    strangers->join();
    worker->drain();
    worker->join();
    writer->close();
  }

  void enroll(std::string_view name, const transport::KeyPair& key) {
    const auto& blob = key.public_key().blob;
    must(keys.add(user(name),
                  {.blob = blob, .fingerprint = transport::fingerprint(blob), .comment = "", .added_at = kNow}));
  }
  [[nodiscard]] Strangers::Settings how_strangers() const {
    return {.timeout = how.timeout,
            .stranger = {.login_grace = kLongEnough, .version_grace = kLongEnough, .max_auth_tries = 6},
            .defaults = how.defaults,
            .server = how.server,
            .key_exchange = how.key_exchange};
  }
  void serves() {
    std::vector<transport::KeyPair> host_keys_of_ours;
    host_keys_of_ours.push_back(test::some_key());
    worker = std::make_unique<Worker>(how, host_keys_of_ours, identity, must(store::Reader::open(file)), *writer,
                                      *names, counters, caps, endpoint);
    must(worker->start());
    strangers = std::make_unique<Strangers>(
        how_strangers(), host_keys_of_ours, must(store::Reader::open(file)), *writer,
        Strangers::Answers{.codes = codes,
                           .passwords = passwords,
                           .invitations = invitations,
                           .sign_ons = nullptr,
                           .external_keys = nullptr},
        counters,
        Strangers::Events{
            .on_admitted =
                [this](session::Admission admission, loop::TcpStream::Released connection) {
                  loop.post([this, admission = std::move(admission), connection = std::move(connection)]() mutable {
                    if (on_the_way) on_the_way();
                    worker->take(std::move(admission), std::move(connection));
                  });
                },
            .on_settled =
                [this](const Strangers::Settled& one) {
                  loop.post([this, one] {
                    settled.push_back(one.arrival.from_host);
                    offence = one.offence;
                  });
                },
            .on_progress = [this](
                               const std::string& /*id*/,
                               Progress progress) { loop.post([this, progress] { progresses.push_back(progress); }); },
            .may_sign_with_rsa = [](const session::Arrival& /*arrival*/) { return true; }});
    must(strangers->start());
  }
  std::unique_ptr<WorkerClient> connects(const std::string& user) {
    auto task = loop::connect(loop, *names, door->bound(), std::chrono::seconds{30});
    task.start([] {});
    run_until(loop, [&] { return task.done(); });
    auto connection = task.take();
    REQUIRE(connection);
    return std::make_unique<WorkerClient>(loop, *std::move(connection), user, rekey_after);
  }
  // Somebody who is let in, and has settled.
  std::unique_ptr<WorkerClient> enters(const std::string& user, const transport::KeyPair& key) {
    const auto before = settled.size();
    auto client = connects(user);
    REQUIRE(client->logs_in(key));
    run_until(loop, [&] { return settled.size() > before; });
    return client;
  }
  // What a question of the worker comes to; it answers on its own thread.
  template <typename Answer>
  Answer asks(const std::function<void(std::function<void(Answer)>)>& question) {
    std::optional<Answer> came;
    question([&](Answer answer) { loop.post([&, answer = std::move(answer)] { came = answer; }); });
    run_until(loop, [&] { return came.has_value(); });
    return *std::move(came);
  }
  std::vector<session::LiveSession> reported() {
    return asks<std::vector<session::LiveSession>>([&](const auto& take) { worker->report(take); });
  }
  // What the worker had to write, when it is over.
  std::vector<store::Session> history() {
    ends();
    loop.post([this] { loop.stop(); });  // behind what the worker has posted
    loop.run();
    store::Sessions sessions(database);
    return must(sessions.latest(10));
  }

  static constexpr std::chrono::seconds kLongEnough{600};
  Worker::Settings how{.timeout = {},
                       .session = {.keepalive_interval = kLongEnough, .keepalive_count_max = 3},
                       .hops = settings,
                       .defaults = {},
                       .server = "test",
                       .connect_timeout = std::chrono::seconds{30},
                       .drain_timeout = std::chrono::seconds{0},
                       .key_exchange = {}};
  transport::KeyPair alice = test::some_key();
  transport::KeyPair root = test::some_key();
  metrics::Counters counters;
  UserCaps caps{UserCaps::Limits{}};
  WordyEndpoint endpoint;
  std::vector<std::string> settled;
  std::optional<session::Offence> offence;  // of the last one
  std::vector<Progress> progresses;
  test::LoopbackSshd web{loop};
  test::LoopbackSshd be1{loop};
  std::unique_ptr<Worker> worker;
  test::KnownCodes codes;
  test::KnownPasswords passwords;
  test::NoInvitations invitations;
  std::unique_ptr<Strangers> strangers;
  std::uint64_t rekey_after = 0;     // of every client
  std::function<void()> on_the_way;  // when somebody is admitted, and the worker does not know it yet
  // Whoever comes in here is from 10.0.0.9, whatever the socket says.
  std::unique_ptr<loop::Listener> door =
      must(loop::Listener::open(loop, {"127.0.0.1", 0}, [this](loop::Descriptor connection, const Endpoint& /*from*/) {
        strangers->accept(std::move(connection), {.id = new_id(), .from_host = "10.0.0.9", .from_port = 1});
      }));
};

}  // namespace

TEST_CASE("worker: a user is let in, led to her container, and reported") {
  WorkerWorld world;
  world.serves();
  const auto client = world.enters("alice", world.alice);
  CHECK(world.settled == std::vector<std::string>{"10.0.0.9"});
  const auto before = world.reported();
  REQUIRE(before.size() == 1);
  CHECK(before[0].user == "alice");
  CHECK(before[0].from_host == "10.0.0.9");
  CHECK(before[0].key_fingerprint == transport::fingerprint(world.alice.public_key().blob));
  CHECK(before[0].container.empty());
  CHECK(world.web.connections() == 0);  // nobody has asked for it

  // This container opens no sessions, and its own words are what she reads; she stays connected to it.
  CHECK(client->opens_session());
  client->starts(SessionStart::Kind::shell, "");
  run_until(world.loop, [&] { return client->closed; });
  CHECK(client->errors.contains("Connection refused"));
  CHECK(world.web.logins() == 1);
  CHECK(world.be1.logins() == 1);
  const auto there = world.reported();
  REQUIRE(there.size() == 1);
  CHECK(there[0].id == before[0].id);
  CHECK(there[0].container == "alice/web");
  CHECK(there[0].route == std::vector<std::string>{"be1"});
}

TEST_CASE("worker: a wrong key is denied, and whoever has it has settled when the connection is over") {
  WorkerWorld world;
  world.serves();
  auto client = world.connects("alice");
  CHECK_FALSE(client->logs_in(world.root));
  CHECK(world.reported().empty());
  CHECK(world.settled.empty());
  client.reset();
  run_until(world.loop, [&] { return !world.settled.empty(); });
  CHECK(world.settled == std::vector<std::string>{"10.0.0.9"});
  CHECK(world.history().empty());
  CHECK(world.counters.authenticated.count() == 0);
  CHECK(world.counters.ended.count() == 1);
}

TEST_CASE("worker: keys are exchanged again on the thread that somebody was handed on to") {
  WorkerWorld world;
  world.rekey_after = 1024;
  world.serves();
  const auto client = world.enters("root", world.root);
  for (int i = 0; i < 8; ++i) {
    CHECK(client->opens_session());
    client->starts(SessionStart::Kind::subsystem, "admin " + std::string(1000, 'x'));
    run_until(world.loop, [&] { return client->output.ends_with('x'); });
    client->output.clear();
    client->channel.reset();
  }
  CHECK_FALSE(client->lost);
}

TEST_CASE("worker: whoever is disabled on the way from the strangers' thread is told so, and has gone") {
  WorkerWorld world;
  world.on_the_way = [&] { must(world.users.disable(world.id_of("alice"), WorkerWorld::kNow)); };
  world.serves();
  auto client = world.enters("alice", world.alice);
  CHECK(client->opens_session());
  client->starts(SessionStart::Kind::shell, "");
  run_until(world.loop, [&] { return client->closed; });
  CHECK(client->errors.contains("your account was disabled"));
  CHECK(world.reported().empty());
  const auto history = world.history();
  REQUIRE(history.size() == 1);
  REQUIRE(history[0].closed);
  CHECK(history[0].closed->reason == "user_disabled");
}

TEST_CASE("worker: an administrator without a container is served at the endpoint") {
  WorkerWorld world;
  world.serves();
  const auto client = world.enters("root", world.root);
  CHECK(client->opens_session());
  client->starts(SessionStart::Kind::subsystem, "admin user list");
  run_until(world.loop, [&] { return !client->output.empty(); });
  CHECK(client->granted == true);
  CHECK(client->output == "root asks for user list");
  CHECK(world.reported().at(0).channels == 1);
  CHECK(world.be1.connections() == 0);
}

TEST_CASE("worker: a session that is to end is told why, and the others stay") {
  WorkerWorld world;
  world.serves();
  auto ending = world.enters("root", world.root);
  auto staying = world.enters("alice", world.alice);
  CHECK(ending->opens_session());
  ending->starts(SessionStart::Kind::shell, "");
  run_until(world.loop, [&] { return !ending->output.empty(); });
  const auto sessions = world.reported();
  REQUIRE(sessions.size() == 2);
  CHECK(sessions[0].user == "root");

  world.worker->end({sessions[0].id, "nobody"}, {Reason::killed, {}, {}});
  run_until(world.loop, [&] { return ending->closed; });
  CHECK(ending->errors.contains("an administrator has ended your session"));
  CHECK(ending->exit_status == 255);
  const auto left = world.reported();
  REQUIRE(left.size() == 1);
  CHECK(left[0].user == "alice");
  CHECK_FALSE(staying->lost);

  ending.reset();
  staying.reset();
  run_until(world.loop, [&] { return world.counters.ended.count() == 2; });
  const auto history = world.history();
  REQUIRE(history.size() == 2);
  for (const auto& session : history) {
    REQUIRE(session.closed);
    CHECK(session.closed->reason == (session.opened.user == "root" ? "killed" : "ok"));
  }
  CHECK(world.settled.size() == 2);  // once each
}

TEST_CASE("worker: who is in a container that moves has to go") {
  WorkerWorld world;
  world.serves();
  const auto client = world.enters("alice", world.alice);
  CHECK(client->opens_session());
  client->starts(SessionStart::Kind::shell, "");
  run_until(world.loop, [&] { return client->closed; });
  const auto web = must(world.containers.of_owner(world.id_of("alice"))).at(0);
  const auto end = End{Reason::container_moved, "web", {}};
  world.worker->vacate({web.id, web.backend, "10.0.3.99", 22}, end);
  CHECK(world.reported().size() == 1);
  world.worker->vacate({web.id, web.backend, web.address, web.port}, end);
  CHECK(world.reported().empty());

  // She reads why in the next session she opens.
  CHECK(client->opens_session());
  client->starts(SessionStart::Kind::shell, "");
  run_until(world.loop, [&] { return client->closed; });
  CHECK(client->errors.contains("container web was moved to another place"));
}

TEST_CASE("worker: it knows which backends it has hops to, measures them and explains logins") {
  using Prospects = std::vector<upstream::Prospect>;
  WorkerWorld world;
  world.serves();
  const auto look = [&] {
    const auto found = world.asks<Prospects>([&](const auto& take) { world.worker->look(std::nullopt, take); });
    REQUIRE(found.size() == 1);
    return found[0];
  };
  const auto before = look();
  CHECK_FALSE(before.has_hop);
  CHECK_FALSE(before.last_success);
  CHECK(world.asks<Prospects>([&](const auto& take) { world.worker->look("be2", take); }).empty());

  const auto health =
      world.asks<upstream::Reachability>([&](const auto& take) { world.worker->check_health(before.way, take); });
  CHECK(health.state == upstream::Reachability::State::reachable);
  CHECK(look().has_hop);
  CHECK(look().last_success);

  const auto explained = world.asks<probe::Explanation>(
      [&](const auto& take) { world.worker->explain({.target = {"alice", {}, {}}}, take); });
  CHECK(explained.steps.back().name == "login");
  CHECK(explained.steps.back().good);
  CHECK(world.be1.connections() == 1);
}

TEST_CASE("worker: other settings count for who comes from then on") {
  WorkerWorld world;
  world.serves();
  const auto before = world.enters("alice", world.alice);
  auto stricter = world.how_strangers();
  stricter.stranger.max_auth_tries = 1;
  world.strangers->apply(stricter);
  const auto after = world.connects("alice");
  CHECK_FALSE(after->logs_in(world.root));
  run_until(world.loop, [&] { return after->lost.has_value(); });  // one wrong key is enough
  CHECK_FALSE(before->lost);
  CHECK(world.reported().size() == 1);
}

TEST_CASE("worker: at the end strangers are let go at once, and sessions when they leave by themselves") {
  WorkerWorld world;
  world.how.drain_timeout = WorkerWorld::kLongEnough;
  world.serves();
  auto stranger = world.connects("alice");
  auto client = world.enters("alice", world.alice);
  world.strangers->drain();
  run_until(world.loop, [&] { return stranger->lost.has_value(); });
  world.worker->drain();
  CHECK(world.reported().size() == 1);
  CHECK_FALSE(client->lost);
  client.reset();
  world.worker->join();
  CHECK(world.counters.ended.count() == 2);
}

TEST_CASE("worker: at the end sessions that stay are told so, and the thread ends") {
  WorkerWorld world;
  world.serves();
  auto client = world.enters("root", world.root);
  CHECK(client->opens_session());
  client->starts(SessionStart::Kind::shell, "");
  run_until(world.loop, [&] { return !client->output.empty(); });
  world.worker->drain();
  run_until(world.loop, [&] { return client->closed; });
  CHECK(client->errors.contains("the bastion is shutting down"));
  client.reset();
  world.worker->join();
  const auto history = world.history();
  REQUIRE(history.size() == 1);
  CHECK(history[0].closed->reason == "shutdown");
}

TEST_CASE("worker: at the end nobody waits for what a backend was told and has not done") {
  WorkerWorld world;
  bool has_begun = false;
  world.be1.runs = [&](int /*connection*/, const std::string& /*command*/) {
    has_begun = true;
    return test::LoopbackSshd::Ran{.out = {}, .err = {}, .status = {}, .goes_on = true};
  };
  world.serves();
  bool is_answered = false;
  world.worker->carry_out({.backend = "be1", .words = "wait", .within = WorkerWorld::kLongEnough},
                          [&](const Result<probe::Ordered>& /*ordered*/) { is_answered = true; });
  run_until(world.loop, [&] { return has_begun; });
  world.ends();
  world.worker.reset();
  CHECK_FALSE(is_answered);
}

}  // namespace bastion::server
