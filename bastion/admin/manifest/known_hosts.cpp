#include "bastion/admin/manifest/known_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "bastion/base/base64.h"
#include "bastion/base/hmac.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {
namespace {

constexpr std::string_view kSpace = " \t\r";
constexpr std::uint16_t kUsualPort = 22;
constexpr std::string_view kHashed = "|1|";

// The first word; what follows it stays in `rest`.
std::string_view next_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kSpace), rest.size()));
  const auto word = rest.substr(0, rest.find_first_of(kSpace));
  rest.remove_prefix(word.size());
  return word;
}

// `|1|salt|hash`, both in base64: HMAC-SHA1 of the name, with the salt as its key (hostfile.c in OpenSSH).
bool is_hash_of(std::string_view name, std::string_view hashed) {
  hashed.remove_prefix(kHashed.size());
  const auto end = std::min(hashed.find('|'), hashed.size());
  const auto salt = decode_base64(hashed.substr(0, end));
  const auto hash = decode_base64(hashed.substr(std::min(end + 1, hashed.size())));
  return salt && hash && !hash->empty() && hmac_sha1(*salt, name) == *hash;
}

bool names(std::string_view list, std::string_view name) {
  if (list.starts_with(kHashed)) return is_hash_of(name, list);
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    if (list.substr(0, end) == name) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

std::size_t rank_of(const PublicKey& key) {
  constexpr std::array<std::string_view, 2> kFirst{"ssh-ed25519", "ecdsa-sha2-nistp256"};
  return static_cast<std::size_t>(std::ranges::find(kFirst, key.type) - kFirst.begin());
}

}  // namespace

std::vector<PublicKey> known_hosts_of(const Endpoint& host, std::string_view text) {
  const auto name = host.port == kUsualPort ? host.host : fmt::format("[{}]:{}", host.host, host.port);
  std::vector<PublicKey> keys;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto list = next_word(line);
    if (list.starts_with('#') || list.starts_with('@') || !names(list, name)) continue;
    line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
    if (auto key = transport::parse_public_key(line)) keys.push_back(std::move(key->key));
  }
  const auto best = std::ranges::min_element(keys, {}, rank_of);
  if (best != keys.end()) std::rotate(keys.begin(), best, best + 1);
  return keys;
}

}  // namespace bastion::admin
