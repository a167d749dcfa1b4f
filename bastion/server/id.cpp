#include "bastion/server/id.h"

#include <cstdint>
#include <random>
#include <string_view>

namespace bastion::server {

std::string new_id() {
  constexpr std::string_view kAlphabet = "23456789bcdfghjkmnpqrstvwxyz";
  constexpr std::size_t kLength = 8;
  thread_local std::random_device random;
  constexpr int kHalf = 32;
  // As many ids as there are take 39 bits: each is as likely as any other, but for a hundred-thousandth of that.
  auto number = std::uint64_t{random()} << kHalf | random();
  std::string id;
  for (std::size_t i = 0; i < kLength; ++i, number /= kAlphabet.size()) id += kAlphabet[number % kAlphabet.size()];
  return id;
}

}  // namespace bastion::server
