// A public key as people paste it: what is taken for one can be written and read again, and what is not gets an error
// that does not repeat it, because it may be a private key.
#include <algorithm>

#include "bastion/transport/keys.h"
#include "tests/fuzz/require.h"

namespace bastion::transport {
namespace {

// The longest word in our own texts names a type of key; what is secret in a private key is longer.
constexpr std::size_t kLongestWord = 40;

bool has_long_word(std::string_view text) {
  std::size_t length = 0;
  return std::ranges::any_of(text, [&](char c) { return (length = c == ' ' ? 0 : length + 1) > kLongestWord; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  const auto text = text_of(Bytes{data, size});
  const auto named = parse_public_key(text);
  if (!named) {
    require(!has_long_word(named.error().text), "an error does not repeat the text");
    return 0;
  }
  const auto line = to_line(named->key, named->comment);
  require(line.find_first_of("\r\n") == std::string::npos, "a key is one line");
  const auto again = parse_public_key(line);
  require(again && again->key == named->key && again->comment == named->comment, "a key is read as it was written");
  require(fingerprint(named->key.blob).starts_with("SHA256:"), "a key has a fingerprint");
  const auto blob = public_key_from_blob(named->key.blob);
  require(blob && *blob == named->key, "the blob says the type");
  return 0;
}

}  // namespace bastion::transport
