#include "bastion/auth/tried.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace bastion::auth {

TEST_CASE("tried: what differs is kept, and the first question of every client is no attempt") {
  Tried tried;
  CHECK(tried.users().empty());
  tried.note({.user = "alice", .method = "none", .key_type = {}, .fingerprint = {}});
  CHECK(tried.attempts() == 0);
  tried.note({.user = "alice", .method = "publickey", .key_type = "ssh-rsa", .fingerprint = "SHA256:A"});
  tried.note({.user = "alice", .method = "publickey", .key_type = "ssh-rsa", .fingerprint = "SHA256:B"});
  tried.note({.user = "", .method = "", .key_type = {}, .fingerprint = {}});  // malformed
  CHECK(tried.attempts() == 3);
  CHECK(tried.users() == std::vector<std::string>{"alice", ""});
  CHECK(tried.fingerprints() == std::vector<std::string>{"SHA256:A", "SHA256:B"});
  CHECK(tried.more_users() == 0);
}

TEST_CASE("tried: a client that tries for ever takes no more memory") {
  Tried tried;
  for (int i = 0; i < 1000; ++i) {
    const auto number = std::to_string(i);
    tried.note({.user = number + std::string(10'000, 'x'),
                .method = "publickey",
                .key_type = "ssh-rsa",
                .fingerprint = "SHA256:" + number});
  }
  CHECK(tried.attempts() == 1000);
  CHECK(tried.users().size() == Tried::kMost);
  CHECK(tried.fingerprints().size() == Tried::kMost);
  CHECK(tried.more_users() == 1000 - Tried::kMost);
  CHECK(tried.more_fingerprints() == 1000 - Tried::kMost);
  for (const auto& user : tried.users()) CHECK(user.size() < 1000);
}

}  // namespace bastion::auth
