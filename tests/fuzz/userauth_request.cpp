// An authentication request before anything is known about who sends it: what is taken from it was in it, and an
// unsigned one carries nothing that was not taken.
#include <algorithm>

#include "bastion/base/wire_format.h"
#include "bastion/transport/auth_request.h"
#include "tests/fuzz/require.h"

namespace bastion::transport {
namespace {

bool is_in(Bytes part, Bytes whole) { return std::ranges::search(whole, part).size() == part.size(); }

// The same request, written from what was read of it.
ByteVector written(std::uint8_t number, const UserauthFields& fields) {
  WireWriter out;
  out.u8(number).string(fields.user).string(std::string_view{"ssh-connection"}).string(fields.method);
  out.boolean(false).string(fields.algorithm).string(fields.key.blob);
  return out.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  const Bytes packet{data, size};
  const auto fields = parse_userauth_request(packet);
  if (!fields) return 0;
  require(is_in(bytes_of(fields->user), packet), "the user was named");
  require(is_in(bytes_of(fields->method), packet), "the method was named");
  require(is_in(fields->key.blob, packet), "the key was shown");
  require(is_in(bytes_of(fields->key.type), fields->key.blob), "the key says its type");
  require(!fields->usable || fields->algorithm != "ssh-rsa", "SHA-1 signs nothing");
  if (fields->method == "publickey" && !fields->is_signed) {
    require(written(packet[0], *fields) == ByteVector(packet.begin(), packet.end()), "an unsigned request is no more");
  }
  return 0;
}

}  // namespace bastion::transport
