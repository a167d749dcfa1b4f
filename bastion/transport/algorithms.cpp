#include "bastion/transport/algorithms.h"

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace bastion::transport {
namespace {

// AES-GCM needs the multiplication of polynomials too.
bool processor_has_aes() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("aes") != 0 && __builtin_cpu_supports("pclmul") != 0;
#elif defined(__aarch64__)
  constexpr unsigned long needed = HWCAP_AES | HWCAP_PMULL;
  return (getauxval(AT_HWCAP) & needed) == needed;
#else
  return false;
#endif
}

}  // namespace

const char* client_ciphers() {
  static const bool has_aes = processor_has_aes();
  return has_aes ? "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr"
                 : "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes256-ctr";
}

}  // namespace bastion::transport
