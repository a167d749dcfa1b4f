// Somebody has taken the network process, and has all of its channels to the one that holds the private keys.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bastion/base/clock.h"
#include "bastion/base/wire_format.h"
#include "bastion/config/state_dir.h"
#include "bastion/setup/key_files.h"
#include "bastion/signer/packet.h"
#include "bastion/signer/sanitizer.h"
#include "bastion/signer/signer.h"
#include "bastion/transport/signing.h"
#include "store/writer.h"
#include "tests/support/host_certificate_data.h"
#include "tests/support/signed_data.h"
#include "tests/support/small_world.h"

namespace bastion::signer {
namespace {

using test::LoginData;
using test::must;
using test::refused;
using transport::KeyPair;
using transport::SignatureRequest;

constexpr std::uint8_t kErrors = 3;  // log::Level::error

// What is started while it lives has this file for standard error.
class StandardError {
 public:
  explicit StandardError(const std::filesystem::path& file) : before_(::dup(STDERR_FILENO)) {
    const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    ::dup2(opened, STDERR_FILENO);
    ::close(opened);
  }
  ~StandardError() {
    ::dup2(before_, STDERR_FILENO);
    ::close(before_);
  }
  StandardError(const StandardError&) = delete;
  StandardError& operator=(const StandardError&) = delete;

 private:
  int before_;
};

// An agent that signs whatever it is asked for, and counts that.
class WillingAgent {
 public:
  WillingAgent(const std::filesystem::path& socket, const KeyPair& key) : key_(key) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = loop::Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_.get(), 8) == 0);
    accepting_ = std::thread([this] { accept(); });
  }
  ~WillingAgent() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    accepting_.join();
    for (auto& thread : serving_) thread.join();
  }
  WillingAgent(const WillingAgent&) = delete;
  WillingAgent& operator=(const WillingAgent&) = delete;

  [[nodiscard]] int asked() const { return asked_; }

 private:
  void accept() {
    for (;;) {
      const int connection = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      serving_.emplace_back(
          [this, connection = std::make_shared<loop::Descriptor>(connection)] { serve(connection->get()); });
    }
  }
  void serve(int connection) {
    ByteVector length(4);
    while (::recv(connection, length.data(), length.size(), MSG_WAITALL) == 4) {
      ByteVector request(WireReader(length).u32());
      ::recv(connection, request.data(), request.size(), MSG_WAITALL);
      const auto answer = answer_to(request);
      WireWriter out;
      out.string(answer);
      ::send(connection, out.view().data(), out.view().size(), MSG_NOSIGNAL);
    }
  }
  ByteVector answer_to(Bytes request) {
    WireReader in(request);
    WireWriter out;
    constexpr std::uint8_t kRequestIdentities = 11;
    if (in.u8() == kRequestIdentities) {
      return out.u8(kRequestIdentities + 1).u32(1).string(key_.public_key().blob).string(std::string_view()).take();
    }
    ++asked_;
    in.string();
    return out.u8(14).string(key_.sign(key_.public_key().type, in.string()).value()).take();
  }

  const KeyPair& key_;
  std::atomic<int> asked_ = 0;
  loop::Descriptor listener_;
  std::vector<std::thread> serving_;
  std::thread accepting_;
};

struct Stolen {
  // `key_agent` has the private half of the identity, which is not in its file then.
  explicit Stolen(std::size_t channels = 2, const KeyPair* in_agent = nullptr, const std::string& key_agent = {}) {
    must(setup::make_key_files(state));
    if (in_agent != nullptr) {
      std::ofstream(config::StateDir(state).identity()) << transport::to_line(in_agent->public_key(), "") << "\n";
    }
    world.backend("be1");
    world.user("alice");
    world.container("alice", "web", "be1", "10.0.3.7");
    must(world.host_keys.pin(backend(), be1.public_key().blob, 1));
    must(world.host_keys.learn(container(), web.public_key().blob, 1));
    holds = must(signer->load({.state_dir = state,
                               .database = world.file,
                               .host_key_algorithms = {},
                               .key_agent = key_agent,
                               .log_level = kErrors,
                               .channels = 0},
                              std::vector<Urgency>(channels, Urgency::sessions)));
    channel = signer->take_channel();
  }

  store::HostKeyOwner backend() { return store::HostKeyOwner::of_backend(must(world.backends.get("be1")).id); }
  store::HostKeyOwner container() {
    return store::HostKeyOwner::of_container(must(world.containers.of_owner(world.id_of("alice"))).front().id);
  }

  // An authentication request for `account`, towards this host: bound to it, or proved by its signature.
  Result<ByteVector> bound(const std::string& account, const PublicKey& host) {
    LoginData data{
        .account = account, .method = std::string(test::kHostBound), .key = holds.identity.keys.front().blob};
    data.host_key = host.blob;
    return ask(data.bytes());
  }
  Result<ByteVector> plain(const std::string& account, const KeyPair& host, const KeyPair& proves) {
    const LoginData data{.account = account, .key = holds.identity.keys.front().blob};
    const auto signature = proves.sign(proves.public_key().type, data.session_id).value();
    return channel->sign({.key = holds.identity.keys.front().blob,
                          .algorithm = "ssh-ed25519",
                          .data = data.bytes(),
                          .host_key = host.public_key().blob,
                          .host_signature = signature});
  }
  Result<ByteVector> ask(Bytes data) { return ask_for(holds.identity.keys.front(), data); }
  Result<ByteVector> ask_for(const PublicKey& key, Bytes data, std::string_view algorithm = {}) {
    return channel->sign({.key = key.blob, .algorithm = algorithm.empty() ? key.type : algorithm, .data = data});
  }

  // What is refused is said: not among what the tests say.
  test::TemporaryFolder said;
  std::unique_ptr<Signer> signer = [this] {
    const StandardError to_file(said / "log");
    return must(Signer::start());
  }();
  test::SmallWorld world;
  std::filesystem::path state = world.file.parent_path();
  KeyPair be1 = must(KeyPair::generate(KeyPair::Kind::ed25519));
  KeyPair web = must(KeyPair::generate(KeyPair::Kind::ecdsa));
  KeyPair strange = must(KeyPair::generate(KeyPair::Kind::ed25519));
  Holds holds;
  std::unique_ptr<Channel> channel;
};

TEST_CASE("the keys that the signer holds are those of the files, and it gives their public halves") {
  const Stolen stolen;
  const auto files = must(setup::load_key_files(stolen.state));
  REQUIRE(stolen.holds.host_keys.size() == files.host_keys.size());
  for (std::size_t i = 0; i < files.host_keys.size(); ++i) {
    CHECK(stolen.holds.host_keys[i] == files.host_keys[i].public_key());
  }
  CHECK(stolen.holds.identity.keys.front() == files.identity.keys.front().public_key());
  CHECK(stolen.holds.identity.ca == files.identity.ca.public_key());
}

TEST_CASE("a thief gets no more from an agent, which is not even asked for what is refused") {
  const test::TemporaryFolder folder;
  const auto identity = must(KeyPair::generate(KeyPair::Kind::ed25519));
  const WillingAgent agent(folder / "agent", identity);
  Stolen stolen(2, &identity, (folder / "agent").string());
  const auto& key = identity.public_key();
  REQUIRE(stolen.holds.identity.keys.front() == key);
  const auto& be1 = stolen.be1.public_key();
  CHECK(stolen.bound("hop", be1));
  CHECK(agent.asked() == 1);

  CHECK(refused(stolen.bound("hop", stolen.strange.public_key())).starts_with("the directory has no machine"));
  CHECK(refused(stolen.bound("nobody", be1)).starts_with("the directory has no account"));
  CHECK(refused(stolen.ask(ByteVector(100, 'x'))).starts_with("it is neither"));
  CHECK(refused(stolen.ask(ByteVector(32, 'h'))) == "that is for another key to sign");
  LoginData data{.account = "hop", .method = std::string(test::kHostBound), .key = key.blob};
  data.host_key = be1.blob;
  CHECK(refused(stolen.ask_for(key, data.bytes(), "rsa-sha2-512")).contains("names another key or algorithm"));
  CHECK(agent.asked() == 1);
}

TEST_CASE(
    "a thief is the bastion towards its users for as long as the process lives, and signs nothing else as a host") {
  Stolen stolen;
  const ByteVector hash(32, 'h');
  for (const auto& key : stolen.holds.host_keys) {
    CAPTURE(key.type);
    const auto algorithm = key.type == "ssh-rsa" ? "rsa-sha2-256" : key.type;
    const auto signature = must(stolen.ask_for(key, hash, algorithm));
    CHECK(transport::is_signed_by(key.blob, signature, hash));
    const auto proof = test::proof_data(hash, key.blob);
    CHECK(transport::is_signed_by(key.blob, must(stolen.ask_for(key, proof, algorithm)), proof));
    CHECK(refused(stolen.ask_for(key, test::proof_data(hash, stolen.be1.public_key().blob), algorithm)) ==
          "it proves another key");
    CHECK(refused(stolen.ask_for(key, ByteVector(100, 'x'), algorithm)).starts_with("it is neither"));
    CHECK(refused(stolen.ask_for(key, LoginData{.key = key.blob}.bytes(), algorithm)) ==
          "that is for another key to sign");
  }
  CHECK(refused(stolen.ask_for(stolen.holds.host_keys.back(), hash, "ssh-rsa")) == "no host key signs with SHA-1");
  CHECK(refused(stolen.ask_for(stolen.holds.host_keys.front(), hash, "rsa-sha2-256")).starts_with("the key does not"));
  CHECK(refused(stolen.ask_for(stolen.strange.public_key(), hash)) == "that is for another key to sign");
}

TEST_CASE("a thief logs in as the bastion where the directory says, and nowhere else") {
  Stolen stolen;
  const auto& be1 = stolen.be1.public_key();
  const auto& web = stolen.web.public_key();
  const auto& strange = stolen.strange.public_key();

  // Pinned and learned, a backend and a container.
  CHECK(stolen.bound("hop", be1));
  CHECK(stolen.bound("alice", web));
  CHECK(refused(stolen.bound("root", be1)) == "the directory has no account root");
  CHECK(refused(stolen.bound("hop", strange)).starts_with("the directory has no machine with the account hop and"));
  // Both are in the directory, and not in one machine.
  CHECK(refused(stolen.bound("hop", web)).starts_with("the directory has no machine with the account hop and"));
  CHECK(refused(stolen.bound("alice", be1)).starts_with("the directory has no machine with the account alice and"));

  // An sshd that does not know the extension: the host itself has signed that the session is with it.
  CHECK(stolen.plain("hop", stolen.be1, stolen.be1));
  CHECK(stolen.plain("alice", stolen.web, stolen.web));
  CHECK(refused(stolen.plain("hop", stolen.be1, stolen.strange)).starts_with("nothing shows that the session is with"));
  CHECK(refused(stolen.plain("hop", stolen.strange, stolen.strange)).starts_with("the directory has no machine"));
  CHECK(refused(stolen.ask(LoginData{.account = "hop", .key = stolen.holds.identity.keys.front().blob}.bytes()))
            .starts_with("the directory has no machine"));

  // The identity signs nothing but that.
  CHECK(refused(stolen.ask(ByteVector(32, 'h'))) == "that is for another key to sign");
  CHECK(refused(stolen.ask(ByteVector(500, 'x'))).starts_with("it is neither"));
  LoginData other{.account = "hop", .method = std::string(test::kHostBound), .key = web.blob};
  other.host_key = be1.blob;
  CHECK(refused(stolen.ask(other.bytes())) == "the authentication request names another key or algorithm");
}

TEST_CASE("a thief does not log in with the identity where the users' own keys are asked for") {
  Stolen stolen;
  const auto& web = stolen.web.public_key();
  CHECK(stolen.bound("alice", web));
  auto container = must(stolen.world.containers.of_owner(stolen.world.id_of("alice"))).front();
  container.presents = store::Presented::agent;
  must(stolen.world.containers.update(container));
  CHECK(refused(stolen.bound("alice", web)).starts_with("the directory has no machine with the account alice and"));
  CHECK(refused(stolen.plain("alice", stolen.web, stolen.web)).starts_with("the directory has no machine"));
  CHECK(stolen.bound("hop", stolen.be1.public_key()));
}

TEST_CASE(
    "a thief has certificates made where the directory asks for them, for a minute, and for what is needed there") {
  Stolen stolen;
  const auto& be1 = stolen.be1.public_key();
  const auto& web = stolen.web.public_key();
  const auto now = static_cast<std::uint64_t>(unix_now());
  const std::vector<std::string> all{"permit-X11-forwarding", "permit-agent-forwarding", "permit-port-forwarding",
                                     "permit-pty", "permit-user-rc"};
  const test::CertificateData hop{
      .valid_after = now - 30, .valid_before = now + 50, .ca = stolen.holds.identity.ca.blob};
  auto alice = hop;
  alice.principals = {"alice"};
  alice.extensions = all;
  const auto asks = [&](const test::CertificateData& data, const PublicKey& host) {
    return stolen.channel->sign({.key = stolen.holds.identity.ca.blob,
                                 .algorithm = "ssh-ed25519",
                                 .data = data.bytes(),
                                 .host_key = host.blob});
  };

  // Nobody asks for certificates yet.
  CHECK(refused(asks(hop, be1)) == "the directory has no account hop that asks for a certificate");
  auto backend = must(stolen.world.backends.get("be1"));
  backend.presents = store::Presented::certificate;
  must(stolen.world.backends.update(backend));
  auto container = must(stolen.world.containers.of_owner(stolen.world.id_of("alice"))).front();
  CHECK(refused(asks(alice, web)) == "the directory has no account alice that asks for a certificate");
  container.presents = store::Presented::certificate;
  must(stolen.world.containers.update(container));

  CHECK(transport::is_signed_by(stolen.holds.identity.ca.blob, must(asks(hop, be1)), hop.bytes()));
  CHECK(asks(alice, web));
  CHECK(refused(asks(hop, web)).starts_with("the directory has no machine with the account hop that asks for"));
  CHECK(refused(asks(alice, be1)).starts_with("the directory has no machine with the account alice that asks for"));
  const auto but = [&](auto change) {
    auto changed = alice;
    change(changed);
    return refused(asks(changed, web));
  };
  CHECK(but([](auto& one) { one.principals = {"root"}; }) ==
        "the directory has no account root that asks for a certificate");
  constexpr std::string_view kInTime = "a certificate is for the 60 s that come";
  CHECK(but([&](auto& one) { one.valid_before = now + 120; }) == kInTime);
  CHECK(but([&](auto& one) { one.valid_before = ~std::uint64_t{0}; }) == kInTime);
  CHECK(but([&](auto& one) { one.valid_before = now - 1; }) == kInTime);
  CHECK(but([&](auto& one) { one.valid_after = now + 30; }) == kInTime);
  constexpr std::string_view kPermits = "a certificate for the account alice does not permit that";
  CHECK(but([&](auto& one) { one.extensions.emplace_back("no-touch-required"); }) == kPermits);
  CHECK(but([&](auto& one) { one.extensions.pop_back(); }) == kPermits);
  auto wide = hop;
  wide.extensions = all;
  CHECK(refused(asks(wide, be1)) == "a certificate for the account hop does not permit that");
  CHECK(but([&](auto& one) { one.key_id = "alice\nAccepted publickey"; }) ==
        "a certificate has a key id of one line that can be printed");
  CHECK(but([&](auto& one) { one.ca = web.blob; }) == "the certificate names another CA");
  CHECK(but([&](auto& one) { one.kind = 2; }).starts_with("it is neither"));

  // The CA signs nothing else, and nobody else signs certificates.
  const auto& ca = stolen.holds.identity.ca;
  CHECK(refused(stolen.ask_for(ca, ByteVector(32, 'h'))) == "that is for another key to sign");
  CHECK(refused(stolen.ask_for(ca, LoginData{.key = ca.blob}.bytes())) == "that is for another key to sign");
  CHECK(refused(stolen.ask(hop.bytes())) == "that is for another key to sign");
  CHECK(refused(stolen.ask_for(stolen.holds.host_keys.front(), hop.bytes())) == "that is for another key to sign");
}

TEST_CASE("a thief logs in where a certificate says whose host key it is, of a CA that is trusted for that host") {
  Stolen stolen;
  const auto ca = must(KeyPair::generate(KeyPair::Kind::ed25519));
  const auto now = static_cast<std::uint64_t>(unix_now());
  test::HostCertificateData data{.key = stolen.strange.public_key()};
  data.principals = {"be1.example"};
  const auto certificate = [&](auto change) {
    auto changed = data;
    change(changed);
    return must(transport::public_key_from_blob(changed.signed_by(ca)));
  };
  const auto as_it_is = certificate([](auto&) {});
  const auto trusts = [&](std::string_view hosts) {
    must(stolen.world.host_cas.put({.blob = ca.public_key().blob, .hosts = std::string(hosts), .comment = ""}));
  };
  constexpr std::string_view kNoMachine = "the directory has no machine with the account hop and the host key";

  CHECK(refused(stolen.bound("hop", as_it_is)).starts_with(kNoMachine));
  trusts("*.elsewhere");
  CHECK(refused(stolen.bound("hop", as_it_is)).starts_with(kNoMachine));
  trusts("*.example");
  CHECK(stolen.bound("hop", as_it_is));
  // It is named as ssh-keygen names it.
  CHECK(refused(stolen.bound("alice", as_it_is)).ends_with(transport::fingerprint(stolen.strange.public_key().blob)));
  CHECK(refused(stolen.bound("hop", stolen.strange.public_key())).starts_with(kNoMachine));
  for (const auto& spoilt : {
           certificate([](auto& one) { one.principals = {"be2.example"}; }),
           certificate([](auto& one) { one.principals = {"be1.elsewhere"}; }),
           certificate([](auto& one) { one.principals = {"*.example"}; }),
           certificate([](auto& one) { one.principals.clear(); }),
           certificate([](auto& one) { one.kind = 1; }),
           certificate([&](auto& one) { one.valid_before = now - 1; }),
           certificate([&](auto& one) { one.valid_after = now + 3600; }),
           certificate([](auto& one) { one.critical_options = "some"; }),
           must(transport::public_key_from_blob(data.signed_by(stolen.strange))),
       }) {
    CHECK(refused(stolen.bound("hop", spoilt)).starts_with(kNoMachine));
  }

  // An sshd that does not know the extension has signed with the key in it.
  LoginData login{.account = "hop", .key = stolen.holds.identity.keys.front().blob};
  const auto proved_by = [&](const KeyPair& key) {
    const auto signature = key.sign(key.public_key().type, login.session_id).value();
    return stolen.channel->sign({.key = login.key,
                                 .algorithm = "ssh-ed25519",
                                 .data = login.bytes(),
                                 .host_key = as_it_is.blob,
                                 .host_signature = signature});
  };
  CHECK(proved_by(stolen.strange));
  CHECK(refused(proved_by(stolen.be1)).starts_with("nothing shows that the session is with"));

  // The same address exists behind every backend: a container has no name before it is given one.
  auto of_container = data;
  of_container.principals = {"10.0.3.7", "web.example"};
  const auto web = must(transport::public_key_from_blob(of_container.signed_by(ca)));
  trusts("*");
  CHECK_FALSE(stolen.bound("alice", web));
  must(stolen.world.host_cas.set_alias(stolen.container(), "web.example"));
  CHECK(stolen.bound("alice", web));
  CHECK_FALSE(stolen.bound("hop", web));

  // A certificate that does not count takes nothing away from a key that is on record.
  test::HostCertificateData expired{.key = stolen.be1.public_key()};
  expired.valid_before = now - 1;
  CHECK(stolen.bound("hop", must(transport::public_key_from_blob(expired.signed_by(ca)))));

  // Nor is it otherwise where the bastion shows a certificate of its own.
  auto backend = must(stolen.world.backends.get("be1"));
  backend.presents = store::Presented::certificate;
  must(stolen.world.backends.update(backend));
  const test::CertificateData hop{
      .valid_after = now - 30, .valid_before = now + 50, .ca = stolen.holds.identity.ca.blob};
  const auto asks = [&](const PublicKey& host) {
    return stolen.channel->sign(
        {.key = stolen.holds.identity.ca.blob, .algorithm = "ssh-ed25519", .data = hop.bytes(), .host_key = host.blob});
  };
  CHECK(asks(as_it_is));
  CHECK_FALSE(asks(web));

  CHECK(must(stolen.world.host_cas.remove(ca.public_key().blob)));
  CHECK_FALSE(stolen.bound("hop", as_it_is));
  CHECK_FALSE(stolen.bound("alice", web));
  CHECK_FALSE(asks(as_it_is));
}

TEST_CASE("what is refused is in the log, and not without an end") {
  Stolen stolen;
  CHECK_FALSE(stolen.bound("root", stolen.be1.public_key()));
  for (int i = 0; i < 100; ++i) CHECK_FALSE(stolen.ask(ByteVector(100, 'x')));
  stolen.signer.reset();  // it has ended, and all is written
  const auto said = test::TemporaryFolder::read(stolen.said / "log");
  CHECK(said.find("error: refused to sign: the directory has no account root") != std::string::npos);
  CHECK(said.find("error: refused to sign: it is neither an exchange hash nor") != std::string::npos);
  CHECK(std::ranges::count(said, '\n') <= 40);
}

TEST_CASE("what the directory says counts at once") {
  Stolen stolen;
  const auto& host = stolen.strange.public_key();
  CHECK_FALSE(stolen.bound("hop", host));
  must(stolen.world.host_keys.pin_too(stolen.backend(), host.blob, 2));
  CHECK(stolen.bound("hop", host));
  CHECK(must(stolen.world.host_keys.forget(stolen.backend(), host.blob)));
  CHECK_FALSE(stolen.bound("hop", host));
}

TEST_CASE("channels are answered at the same time, while somebody writes to the directory") {
  constexpr std::size_t kThreads = 4;
  constexpr int kEach = 50;
  Stolen stolen(kThreads + 1);
  std::vector<std::unique_ptr<Channel>> channels;
  channels.reserve(kThreads);
  for (std::size_t i = 0; i < kThreads; ++i) channels.push_back(stolen.signer->take_channel());
  std::vector<int> signed_by(kThreads);
  std::vector<std::thread> threads;
  LoginData data{
      .account = "hop", .method = std::string(test::kHostBound), .key = stolen.holds.identity.keys.front().blob};
  data.host_key = stolen.be1.public_key().blob;
  const auto bytes = data.bytes();
  threads.reserve(kThreads);
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < kEach; ++n) {
        const auto made = channels[i]->sign(
            {.key = stolen.holds.identity.keys.front().blob, .algorithm = "ssh-ed25519", .data = bytes});
        if (made && transport::is_signed_by(stolen.holds.identity.keys.front().blob, *made, bytes)) ++signed_by[i];
      }
    });
  }
  for (int n = 0; n < kEach; ++n) must(stolen.world.users.add("user" + std::to_string(n), store::Role::user, n));
  for (auto& thread : threads) thread.join();
  CHECK(signed_by == std::vector<int>(kThreads, kEach));
}

TEST_CASE("the signer has its filter, and no new privileges") {
  if (BASTION_HAS_SANITIZER) return;
  const Stolen stolen;
  std::ifstream status("/proc/" + std::to_string(stolen.signer->process()) + "/status");
  const std::string text{std::istreambuf_iterator<char>(status), {}};
  CHECK(text.find("NoNewPrivs:\t1") != std::string::npos);
  CHECK(text.find("Seccomp:\t2") != std::string::npos);
}

TEST_CASE("a signer that ends is noticed, and nobody waits for it") {
  Stolen stolen;
  ::kill(stolen.signer->process(), SIGKILL);
  CHECK(refused(stolen.ask(ByteVector(32, 'h'))).starts_with("the signer"));
  const auto said = receive_packet(stolen.signer->watched());
  REQUIRE(said);
  CHECK_FALSE(*said);
}

TEST_CASE("keys that cannot be had are named, and nobody serves") {
  const test::SmallWorld world;
  const auto signer = must(Signer::start());
  const auto state = world.file.parent_path();
  CHECK(refused(signer->load({.state_dir = state, .database = world.file}, {})) ==
        (state / "identity" / "ed25519").string() + ": No such file or directory");
}

}  // namespace
}  // namespace bastion::signer
