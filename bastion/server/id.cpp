#include "bastion/server/id.h"

#include <array>
#include <random>
#include <string_view>

namespace bastion::server {

std::string new_id() {
  constexpr std::string_view kAlphabet = "23456789bcdfghjkmnpqrstvwxyz";
  constexpr std::size_t kLength = 8;
  thread_local std::random_device random;
  std::uniform_int_distribution<std::size_t> pick(0, kAlphabet.size() - 1);
  std::string id;
  for (std::size_t i = 0; i < kLength; ++i) id += kAlphabet[pick(random)];
  return id;
}

}  // namespace bastion::server
