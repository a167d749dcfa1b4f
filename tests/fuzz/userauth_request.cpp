// An authentication request before anything is known about who sends it: what is taken from it was in it, and an
// unsigned one carries nothing that was not taken.
#include <algorithm>

#include "bastion/auth/methods.h"
#include "bastion/base/wire_format.h"
#include "bastion/transport/auth_request.h"
#include "tests/fuzz/require.h"

namespace bastion::auth {
namespace {

bool is_in(Bytes part, Bytes whole) { return std::ranges::search(whole, part).size() == part.size(); }

// The fields of the same claim, written from what was read of it.
ByteVector written(const KeyClaim& claim) {
  WireWriter out;
  out.boolean(false).string(claim.algorithm).string(claim.key.blob);
  return out.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  const Bytes packet{data, size};
  const auto fields = transport::parse_userauth_request(packet);
  if (!fields) return 0;
  require(is_in(bytes_of(fields->user), packet), "the user was named");
  require(is_in(bytes_of(fields->method), packet), "the method was named");
  require(fields->head <= size, "the method's own fields are in the packet");

  const auto* const method = find_method(fields->method);
  if (method == nullptr) return 0;
  const auto rest = packet.subspan(fields->head);
  const auto claim = method->claim(fields->method, rest);
  if (!claim) return 0;
  const auto& key = std::get<KeyClaim>(*claim);
  require(is_in(key.key.blob, rest), "the key was shown");
  require(is_in(bytes_of(key.key.type), key.key.blob), "the key says its type");
  require(key.algorithm != "ssh-rsa", "SHA-1 signs nothing");
  if (fields->method == kPublickey && !key.is_signed) {
    require(std::ranges::equal(written(key), rest), "an unsigned request is no more");
  }
  return 0;
}

}  // namespace bastion::auth
