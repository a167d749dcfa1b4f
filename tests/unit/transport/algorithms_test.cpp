// What we offer where we are the client.
#include "bastion/transport/algorithms.h"

#include <doctest/doctest.h>

#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace bastion::transport {

TEST_CASE("towards backends and containers, what is cheap stands first: a peer with a choice gets that") {
  for (const auto offer : {Offer::sound, Offer::legacy}) {
    const auto all = client_algorithms(offer, {});
    CHECK(all.key_exchange.starts_with(std::string(kCheapKeyExchange) + ","));
    CHECK(all.macs.starts_with(kMacs));
    CHECK(all.host_keys.starts_with(kHostKeys));
    CHECK(all.ciphers.find("aes128-gcm@openssh.com") < all.ciphers.find("aes128-ctr"));
    CHECK(all.ciphers.find("chacha20-poly1305@openssh.com") < all.ciphers.find("aes128-ctr"));
  }
}

TEST_CASE("it is known what costs little") {
  for (const auto* const method : {"curve25519-sha256", "curve25519-sha256@libssh.org", "mlkem768x25519-sha256"}) {
    CHECK(is_cheap(method));
  }
  for (const auto* const method : {"", "curve25519", "diffie-hellman-group16-sha512", "sntrup761x25519-sha512"}) {
    CHECK_FALSE(is_cheap(method));
  }
}

TEST_CASE("towards users, host keys that cost little stand first, and those of RSA last") {
  bool costs = false;
  for (const auto name : std::string_view(kHostKeys) | std::views::split(',')) {
    const std::string_view algorithm(name.begin(), name.end());
    CAPTURE(algorithm);
    CHECK((!costs || is_rsa(algorithm)));
    costs = costs || is_rsa(algorithm);
    CHECK(is_rsa(algorithm) == algorithm.starts_with("rsa-"));
  }
  CHECK(costs);
  CHECK(std::string_view(kHostKeys).starts_with("ssh-ed25519,"));
}

TEST_CASE("SHA-1 and CBC are offered where an administrator says so, behind all else, and nowhere else") {
  const auto sound = client_algorithms(Offer::sound, {});
  const auto legacy = client_algorithms(Offer::legacy, {});
  for (const auto& list : {sound.key_exchange, sound.host_keys, sound.ciphers, sound.macs, sound.signatures}) {
    CAPTURE(list);
    for (const auto* const weak : {"sha1", "cbc", "ssh-rsa", "dss", "md5", "group1-"}) CHECK_FALSE(list.contains(weak));
  }
  for (const auto* const costly : {"group-exchange", "group18"}) CHECK_FALSE(sound.key_exchange.contains(costly));
  CHECK(legacy.key_exchange == sound.key_exchange +
                                   ",diffie-hellman-group-exchange-sha256,diffie-hellman-group18-sha512,"
                                   "diffie-hellman-group14-sha1");
  CHECK(legacy.host_keys == sound.host_keys + ",ssh-rsa");
  CHECK(legacy.ciphers.starts_with(sound.ciphers + ","));
  CHECK(legacy.macs == sound.macs + ",hmac-sha1-etm@openssh.com,hmac-sha1");
  CHECK(legacy.signatures == sound.signatures + ",ssh-rsa");
  for (const auto* const broken : {"group1-", "group-exchange-sha1", "3des", "md5", "dss"}) {
    CHECK_FALSE((legacy.key_exchange + legacy.ciphers + legacy.macs + legacy.host_keys).contains(broken));
  }
}

TEST_CASE("of host key algorithms, those of keys that are known stand first, and none is left out") {
  struct Row {
    std::vector<PublicKey> known;
    std::string_view offered;
    std::string_view expected;
  };
  constexpr std::string_view kAll = "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256";
  const PublicKey ed25519{"ssh-ed25519", {}};
  const PublicKey ecdsa{"ecdsa-sha2-nistp256", {}};
  const PublicKey rsa{"ssh-rsa", {}};
  const PublicKey unknown{"ssh-unknown", {}};
  for (const auto& row : std::vector<Row>{
           {{}, kAll, kAll},
           {{ed25519}, kAll, kAll},
           {{ecdsa}, kAll, "ecdsa-sha2-nistp256,ssh-ed25519,rsa-sha2-512,rsa-sha2-256"},
           {{rsa}, kAll, "rsa-sha2-512,rsa-sha2-256,ssh-ed25519,ecdsa-sha2-nistp256"},
           {{rsa, ecdsa, ecdsa}, kAll, "ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256,ssh-ed25519"},
           {{rsa, ecdsa, ed25519}, kAll, kAll},
           {{unknown}, kAll, kAll},
           {{rsa}, "ssh-ed25519,rsa-sha2-512,ssh-rsa", "rsa-sha2-512,ssh-rsa,ssh-ed25519"},
           {{ecdsa}, "ssh-ed25519", "ssh-ed25519"},
           {{ecdsa}, "", ""},
       }) {
    CHECK(known_first(row.offered, row.known) == row.expected);
  }
}

TEST_CASE("a host key of ours is used where an algorithm is for it") {
  for (const auto* const type : {"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521", "ssh-rsa"}) {
    CHECK(is_used(type, ""));
    CHECK_FALSE(is_used(type, "ecdsa-sha2-nistp384"));
  }
  CHECK(is_used("ssh-rsa", "ssh-ed25519,rsa-sha2-256"));
  CHECK_FALSE(is_used("ssh-rsa", "ssh-ed25519,ecdsa-sha2-nistp256"));
  CHECK_FALSE(is_used("ssh-dss", ""));
}

TEST_CASE("a list of key exchanges that was configured is the list, for old peers too but for what they need") {
  CHECK(client_algorithms(Offer::sound, "curve25519-sha256").key_exchange == "curve25519-sha256");
  CHECK(client_algorithms(Offer::legacy, "curve25519-sha256").key_exchange ==
        "curve25519-sha256,diffie-hellman-group14-sha1");
}

}  // namespace bastion::transport
