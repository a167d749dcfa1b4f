#include "tests/support/counted_work.h"

#include <openssl/evp.h>

namespace bastion::test {
namespace {

thread_local Work* counted = nullptr;

void count_copy(std::size_t size) {
  if (counted != nullptr) counted->copied += size;
}

void count_allocation() {
  if (counted != nullptr) ++counted->allocations;
}

void count_cipher(const unsigned char* to, const unsigned char* from, int size) {
  if (to != nullptr && to != from) count_copy(static_cast<std::size_t>(size));
}

}  // namespace

CountedWork::CountedWork(Work& work) { counted = &work; }
CountedWork::~CountedWork() { counted = nullptr; }

}  // namespace bastion::test

using bastion::test::count_allocation;
using bastion::test::count_cipher;
using bastion::test::count_copy;

// NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's
extern "C" {

void* __real_memcpy(void* to, const void* from, std::size_t size);
void* __wrap_memcpy(void* to, const void* from, std::size_t size);
void* __wrap_memcpy(void* to, const void* from, std::size_t size) {
  count_copy(size);
  return __real_memcpy(to, from, size);
}

void* __real_memmove(void* to, const void* from, std::size_t size);
void* __wrap_memmove(void* to, const void* from, std::size_t size);
void* __wrap_memmove(void* to, const void* from, std::size_t size) {
  count_copy(size);
  return __real_memmove(to, from, size);
}

// What clang makes of these two where AddressSanitizer looks on.
#if defined(__clang__)
#if __has_feature(address_sanitizer)
void* __real___asan_memcpy(void* to, const void* from, std::size_t size);
void* __wrap___asan_memcpy(void* to, const void* from, std::size_t size);
void* __wrap___asan_memcpy(void* to, const void* from, std::size_t size) {
  count_copy(size);
  return __real___asan_memcpy(to, from, size);
}

void* __real___asan_memmove(void* to, const void* from, std::size_t size);
void* __wrap___asan_memmove(void* to, const void* from, std::size_t size);
void* __wrap___asan_memmove(void* to, const void* from, std::size_t size) {
  count_copy(size);
  return __real___asan_memmove(to, from, size);
}
#endif
#endif

int __real_EVP_EncryptUpdate(EVP_CIPHER_CTX* cipher, unsigned char* to, int* made, const unsigned char* from, int size);
int __wrap_EVP_EncryptUpdate(EVP_CIPHER_CTX* cipher, unsigned char* to, int* made, const unsigned char* from, int size);
int __wrap_EVP_EncryptUpdate(EVP_CIPHER_CTX* cipher, unsigned char* to, int* made, const unsigned char* from,
                             int size) {
  count_cipher(to, from, size);
  return __real_EVP_EncryptUpdate(cipher, to, made, from, size);
}

int __real_EVP_DecryptUpdate(EVP_CIPHER_CTX* cipher, unsigned char* to, int* made, const unsigned char* from, int size);
int __wrap_EVP_DecryptUpdate(EVP_CIPHER_CTX* cipher, unsigned char* to, int* made, const unsigned char* from, int size);
int __wrap_EVP_DecryptUpdate(EVP_CIPHER_CTX* cipher, unsigned char* to, int* made, const unsigned char* from,
                             int size) {
  count_cipher(to, from, size);
  return __real_EVP_DecryptUpdate(cipher, to, made, from, size);
}

int __real_EVP_CipherUpdate(EVP_CIPHER_CTX* cipher, unsigned char* to, int* made, const unsigned char* from, int size);
int __wrap_EVP_CipherUpdate(EVP_CIPHER_CTX* cipher, unsigned char* to, int* made, const unsigned char* from, int size);
int __wrap_EVP_CipherUpdate(EVP_CIPHER_CTX* cipher, unsigned char* to, int* made, const unsigned char* from, int size) {
  count_cipher(to, from, size);
  return __real_EVP_CipherUpdate(cipher, to, made, from, size);
}

void* __real_malloc(std::size_t size);
void* __wrap_malloc(std::size_t size);
void* __wrap_malloc(std::size_t size) {
  count_allocation();
  return __real_malloc(size);
}

void* __real_calloc(std::size_t count, std::size_t size);
void* __wrap_calloc(std::size_t count, std::size_t size);
void* __wrap_calloc(std::size_t count, std::size_t size) {
  count_allocation();
  return __real_calloc(count, size);
}

void* __real_realloc(void* old, std::size_t size);
void* __wrap_realloc(void* old, std::size_t size);
void* __wrap_realloc(void* old, std::size_t size) {
  count_allocation();
  return __real_realloc(old, size);
}

// operator new(std::size_t), and that of arrays
void* __real__Znwm(std::size_t size);
void* __wrap__Znwm(std::size_t size);
void* __wrap__Znwm(std::size_t size) {
  count_allocation();
  return __real__Znwm(size);
}

void* __real__Znam(std::size_t size);
void* __wrap__Znam(std::size_t size);
void* __wrap__Znam(std::size_t size) {
  count_allocation();
  return __real__Znam(size);
}
}
// NOLINTEND(bugprone-reserved-identifier)
