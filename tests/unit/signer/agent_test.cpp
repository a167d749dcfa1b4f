#include "bastion/signer/agent.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bastion/base/wire_format.h"
#include "bastion/signer/packet.h"
#include "bastion/transport/keys.h"
#include "tests/support/small_world.h"

namespace bastion::signer {
namespace {

using test::must;
using test::refused;
using transport::KeyPair;

constexpr std::uint8_t kSignResponse = 14;
constexpr std::uint8_t kIdentitiesAnswer = 12;

ByteVector framed(Bytes answer) {
  WireWriter out;
  return out.string(answer).take();
}

ByteVector signature_answer(Bytes signature) {
  WireWriter out;
  return framed(out.u8(kSignResponse).string(signature).view());
}

// What it does with each request: the bytes are sent, none are silence.
struct Step {
  std::function<ByteVector(Bytes request)> answer;
  bool closes = false;  // behind the answer, or in its place
};

// An agent that does what it was told, request by request, over whatever connections are made to it.
class Scripted {
 public:
  explicit Scripted(std::vector<Step> steps) : steps_(std::move(steps)) {}
  ~Scripted() {
    for (auto& thread : threads_) thread.join();
  }
  Scripted(const Scripted&) = delete;
  Scripted& operator=(const Scripted&) = delete;

  Result<loop::Descriptor> connect() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    threads_.emplace_back([this, socket = std::make_shared<loop::Descriptor>(ends[1])] { serve(socket->get()); });
    return loop::Descriptor(ends[0]);
  }
  std::size_t connections() const { return threads_.size(); }

 private:
  void serve(int socket) {
    for (;;) {
      ByteVector request(4);
      if (::recv(socket, request.data(), request.size(), MSG_WAITALL) != 4) return;
      ByteVector body(WireReader(request).u32());
      if (::recv(socket, body.data(), body.size(), MSG_WAITALL) != static_cast<ssize_t>(body.size())) return;
      const auto& step = steps_.at(done_++);
      const auto answer = step.answer ? step.answer(body) : ByteVector{};
      ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
      if (step.closes) return;
    }
  }

  std::vector<Step> steps_;
  std::atomic<std::size_t> done_ = 0;  // one connection at a time
  std::vector<std::thread> threads_;
};

struct Parsed {
  Bytes key;
  Bytes data;
  std::uint32_t flags;
};
Parsed parse_sign(Bytes request) {
  WireReader in(request);
  CHECK(in.u8() == 13);
  Parsed parsed{.key = in.string(), .data = in.string(), .flags = in.u32()};
  CHECK(in.at_end());
  return parsed;
}

Step says(const ByteVector& bytes) {
  return {[bytes](Bytes) { return bytes; }};
}
Step signs_with(const KeyPair& key, const std::string& algorithm, std::string_view in_place_of_data = {}) {
  return {[&key, algorithm, in_place_of_data](Bytes request) {
    const auto parsed = parse_sign(request);
    const auto data = in_place_of_data.empty() ? parsed.data : bytes_of(in_place_of_data);
    return signature_answer(key.sign(algorithm, data).value());
  }};
}

// Longer than any answer takes here; the scripts that are silent have less.
constexpr Agent::Times kTimes{.patience = std::chrono::seconds(60), .rest = std::chrono::hours(1)};
constexpr Agent::Times kImpatient{.patience = std::chrono::milliseconds(20), .rest = std::chrono::hours(1)};

const KeyPair& key_of(KeyPair::Kind kind) {
  static const std::array keys{must(KeyPair::generate(KeyPair::Kind::ed25519)),
                               must(KeyPair::generate(KeyPair::Kind::ecdsa)),
                               must(KeyPair::generate(KeyPair::Kind::rsa))};
  return keys.at(static_cast<std::size_t>(kind));
}

const ByteVector kData(32, 'd');

transport::SignatureRequest request_for(const KeyPair& key, std::string_view algorithm) {
  return {.key = key.public_key().blob, .algorithm = algorithm, .data = kData};
}

Result<ByteVector> ask(Agent& agent) { return agent.sign(request_for(key_of(KeyPair::Kind::ed25519), "ssh-ed25519")); }

struct Asked {
  Asked(std::vector<Step> steps, Agent::Times times)
      : script(std::move(steps)), agent("/run/agent", [this] { return script.connect(); }, times) {}
  Scripted script;
  Agent agent;
};

TEST_CASE("an agent signs with every kind of key, and RSA by the algorithm that was asked for") {
  struct Case {
    KeyPair::Kind kind;
    std::string algorithm;
    std::uint32_t flags;
  };
  for (const auto& one :
       {Case{KeyPair::Kind::ed25519, "ssh-ed25519", 0}, Case{KeyPair::Kind::ecdsa, "ecdsa-sha2-nistp256", 0},
        Case{KeyPair::Kind::rsa, "rsa-sha2-256", 2}, Case{KeyPair::Kind::rsa, "rsa-sha2-512", 4}}) {
    CAPTURE(one.algorithm);
    const auto& key = key_of(one.kind);
    Asked asked({{[&](Bytes request) {
                  const auto parsed = parse_sign(request);
                  CHECK(parsed.flags == one.flags);
                  CHECK(ByteVector(parsed.key.begin(), parsed.key.end()) == key.public_key().blob);
                  return signature_answer(key.sign(one.algorithm, parsed.data).value());
                }}},
                kTimes);
    const auto signature = must(asked.agent.sign(request_for(key, one.algorithm)));
    CHECK(transport::is_signed_by(key.public_key().blob, signature, kData));
  }
}

TEST_CASE("whatever an agent answers that is no signature by the key over the data is an error that names the agent") {
  const auto& key = key_of(KeyPair::Kind::ed25519);
  const auto& rsa = key_of(KeyPair::Kind::rsa);
  const auto stranger = must(KeyPair::generate(KeyPair::Kind::ed25519));
  struct Case {
    std::string_view name;
    Step step;
    std::string_view error;
  };
  const std::vector<Case> cases{
      {"refusal", says(framed(ByteVector{5})), "the agent refuses to sign"},
      {"no length", says({0, 0, 0, 0}), "answers with nothing"},
      {"a giant's length", says({0xff, 0xff, 0xff, 0xff}), "announces an answer of 4294967295 bytes"},
      {"a giant", says(ByteVector(300'000, 1)), "announces an answer of 16843009 bytes"},
      {"more than announced", says({0, 0, 0, 1, 5, 5}), "more than it was asked for"},
      {"another type", says(framed(ByteVector{6})), "with a message of type 6"},
      {"a list of keys", says(framed(ByteVector{kIdentitiesAnswer, 0, 0, 0, 0})), "with a message of type 12"},
      {"no signature in it", says(framed(ByteVector{kSignResponse})), "signature is malformed"},
      {"a length of its own that is wrong", says(framed(ByteVector{kSignResponse, 0, 0, 1, 0, 1})), "malformed"},
      {"bytes that are no signature", says(signature_answer(ByteVector(80, 1))), "is not by the key"},
      {"by another key", signs_with(stranger, "ssh-ed25519"), "is not by the key"},
      {"over something else", signs_with(key, "ssh-ed25519", "something else"), "or not what it was asked for"},
      {"by a key of another type", signs_with(rsa, "rsa-sha2-512"), "is not by the key"},
      {"half an answer", {[](Bytes) { return ByteVector{0, 0, 0, 9, 14}; }, true}, "in the middle of an answer"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.name);
    Asked asked({one.step, signs_with(key, "ssh-ed25519")}, kTimes);
    const auto why = refused(ask(asked.agent));
    CHECK(why.starts_with("the agent /run/agent: "));
    CHECK(why.contains(one.error));
    // Nothing of it is taken for the answer to the next one.
    CHECK(must(ask(asked.agent)) == key.sign("ssh-ed25519", kData).value());
  }
  Asked asked({signs_with(rsa, "rsa-sha2-256")}, kTimes);
  CHECK(refused(asked.agent.sign(request_for(rsa, "rsa-sha2-512"))).contains("is not by the key"));
}

TEST_CASE("an agent that was started anew is asked again, and the request that found that out is not lost") {
  const auto& key = key_of(KeyPair::Kind::ed25519);
  auto last = signs_with(key, "ssh-ed25519");
  last.closes = true;
  Asked asked({last, signs_with(key, "ssh-ed25519")}, kTimes);
  CHECK(ask(asked.agent));
  CHECK(ask(asked.agent));
  CHECK(asked.script.connections() == 2);
}

TEST_CASE("one that closes every connection is asked once, not for ever") {
  Asked asked({{nullptr, true}, {nullptr, true}}, kTimes);
  CHECK(refused(ask(asked.agent)) == "the agent /run/agent: it has closed the connection");
  CHECK(asked.script.connections() == 1);
}

TEST_CASE("one that is silent is not waited for a second time, until there is another one") {
  const auto& key = key_of(KeyPair::Kind::ed25519);
  Asked asked({{nullptr}, signs_with(key, "ssh-ed25519")}, kImpatient);
  CHECK(refused(ask(asked.agent)) == "the agent /run/agent: no answer within 20 ms");
  CHECK(refused(ask(asked.agent)) == "the agent /run/agent: it has not answered, and is not asked again yet");
  CHECK(asked.script.connections() == 1);
  asked.agent.is_another();
  // However long that takes: only whether it is asked is looked at.
  std::ignore = ask(asked.agent);
  CHECK(asked.script.connections() == 2);
}

TEST_CASE("an agent that cannot be connected to is named, with the reason") {
  Agent agent("/run/agent", [] { return fail("Connection refused"); });
  CHECK(refused(ask(agent)) == "the agent /run/agent: Connection refused");
  CHECK(refused(agent.has({})) == "the agent /run/agent: Connection refused");
}

TEST_CASE("whether an agent has a key is what it lists") {
  const auto& key = key_of(KeyPair::Kind::ed25519).public_key();
  const auto& other = key_of(KeyPair::Kind::ecdsa).public_key();
  const auto lists = [&](const std::vector<PublicKey>& keys) {
    WireWriter out;
    out.u8(kIdentitiesAnswer).u32(static_cast<std::uint32_t>(keys.size()));
    for (const auto& one : keys) out.string(one.blob).string(std::string_view("a comment"));
    return says(framed(out.view()));
  };
  Asked asked({lists({key, other}), lists({other}), lists({}), says(framed(ByteVector{5})),
               says(framed(ByteVector{kIdentitiesAnswer, 0xff, 0xff, 0xff, 0xff}))},
              kTimes);
  CHECK(asked.agent.has({key, other}));
  const auto missing = "the agent /run/agent: it does not have the key ssh-ed25519 " +
                       transport::fingerprint(key.blob) + ", or is locked";
  CHECK(refused(asked.agent.has({other, key})) == missing);
  CHECK(refused(asked.agent.has({key})) == missing);
  CHECK(refused(asked.agent.has({key})) == "the agent /run/agent: the agent refuses the question for its keys");
  CHECK(refused(asked.agent.has({key})) == "the agent /run/agent: the agent says that it has 4294967295 keys");
}

}  // namespace
}  // namespace bastion::signer
