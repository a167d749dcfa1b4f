#include "bastion/transport/signing.h"

#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/libssh_private.h"

namespace bastion::transport {
namespace {

// libssh names the key and what is to be signed, and nothing else.
thread_local RemoteSigner* remote_signer = nullptr;
thread_local Bytes towards_key;
thread_local Bytes towards_signature;
thread_local std::optional<Error> towards_failure;

}  // namespace

SignsThrough::SignsThrough(RemoteSigner& signer) { remote_signer = &signer; }
SignsThrough::~SignsThrough() { remote_signer = nullptr; }

Result<ByteVector> sign_elsewhere(const SignatureRequest& request) {
  if (remote_signer == nullptr) return fail("this thread signs nothing");
  return remote_signer->sign(request);
}

SignsTowards::SignsTowards(Bytes host_key, Bytes host_signature) {
  towards_key = host_key;
  towards_signature = host_signature;
  towards_failure.reset();
}
SignsTowards::~SignsTowards() {
  towards_key = {};
  towards_signature = {};
  towards_failure.reset();
}

const std::optional<Error>& SignsTowards::failure() { return towards_failure; }

bool is_signed_by(Bytes key, Bytes signature, Bytes data) {
  return bastion_ssh_is_signed_by(key.data(), key.size(), signature.data(), signature.size(), data.data(), data.size());
}

}  // namespace bastion::transport

// From inside libssh, which is C: nothing is thrown.
extern "C" ssh_string bastion_ssh_signed_elsewhere(const char* algorithm, const std::uint8_t* blob,
                                                   std::size_t blob_size, const std::uint8_t* data, std::size_t size) {
  using namespace bastion;
  ssh_string signature = nullptr;
  std::ignore = contained("a signature", [&] {
    const transport::SignatureRequest request{.key = {blob, blob_size},
                                              .algorithm = algorithm == nullptr ? "" : algorithm,
                                              .data = {data, size},
                                              .host_key = transport::towards_key,
                                              .host_signature = transport::towards_signature};
    const auto made = transport::sign_elsewhere(request);
    if (!made) {
      log::error("no signature with {}: {}", transport::fingerprint(request.key), made.error().text);
      transport::towards_failure = made.error();
      return;
    }
    signature = ssh_string_new(made->size());
    if (signature != nullptr) ssh_string_fill(signature, made->data(), made->size());
  });
  return signature;
}
