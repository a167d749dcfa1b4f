// A request to the signer, from whoever has taken the network process. What is signed is what may be, whatever came.
#include <algorithm>
#include <variant>

#include "bastion/signer/claim.h"
#include "bastion/signer/messages.h"
#include "bastion/signer/rules.h"
#include "bastion/transport/signing.h"
#include "tests/fuzz/require.h"

namespace bastion::signer {
namespace {

using transport::KeyPair;

// Knows one account in one machine, and what it was asked.
class OneAccount final : public Directory {
 public:
  static constexpr std::string_view kAccount = "hop";
  static constexpr std::string_view kHost = "host key";

  Standing standing(const Question& question) override {
    said_yes = question.account == kAccount && text_of(question.host_key) == kHost;
    if (!said_yes) return Standing::unknown_account;
    return question.about == Question::About::certificate ? Standing::known_container : Standing::known;
  }
  bool said_yes = false;
};

constexpr std::int64_t kNow = 1'700'000'000;

const Keys& keys() {
  static const Keys made = [] {
    Keys keys{.host_keys = {}, .identity = {.keys = {}, .ca = *KeyPair::generate(KeyPair::Kind::ed25519)}};
    keys.identity.keys.push_back(*KeyPair::generate(KeyPair::Kind::ed25519));
    keys.host_keys.push_back(*KeyPair::generate(KeyPair::Kind::ed25519));
    return keys;
  }();
  return made;
}

// The fuzzer cannot know a key's blob: 51 letters stand for the identity, and other 51 for the host key and the CA.
void put_keys(ByteVector& bytes) {
  const auto put = [&](std::uint8_t letter, const KeyPair& key) {
    const auto& blob = key.public_key().blob;
    const ByteVector stands_for_it(blob.size(), letter);
    const auto found = std::ranges::search(bytes, stands_for_it);
    std::ranges::copy_n(blob.begin(), static_cast<std::ptrdiff_t>(found.size()), found.begin());
  };
  put('I', keys().identity.keys.front());
  put('C', keys().identity.ca);
  put('H', keys().host_keys.front());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  const Bytes message{data, size};
  for (const bool is_understood :
       {parse_start(message).has_value(), parse_question(message).has_value(), parse_reply(message).has_value(),
        parse_holds(message).has_value(), parse_agent_state(message).has_value()}) {
    std::ignore = is_understood;
  }
  auto request = parse_request(message);
  if (!request) return 0;
  require(std::ranges::equal(encode(*request), message), "a request is written in one way");
  put_keys(request->key);
  put_keys(request->data);

  OneAccount directory;
  const auto signature = sign(*request, keys(), directory, kNow);
  const auto claim = parse_claim(request->data);
  if (!signature) return 0;
  require(claim.has_value(), "what is signed was understood");
  require(transport::is_signed_by(request->key, *signature, request->data), "the signature is over what was asked");
  const auto is = [&](const KeyPair& key) { return std::ranges::equal(request->key, key.public_key().blob); };
  const bool is_identity = is(keys().identity.keys.front());
  const bool is_ca = is(keys().identity.ca);
  require(is_identity == std::holds_alternative<Login>(*claim), "the identity signs logins, and nothing else does");
  require(is_ca == std::holds_alternative<Certificate>(*claim), "the CA signs certificates, and nothing else does");
  require(!(is_identity || is_ca) || directory.said_yes, "the directory has the account, in that machine");
  return 0;
}

}  // namespace bastion::signer
