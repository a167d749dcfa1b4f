#include "bastion/upstream/agent_login.h"

#include <doctest/doctest.h>

#include <string>

#include "bastion/base/wire_format.h"
#include "bastion/transport/keys.h"

namespace bastion::upstream {
namespace {

AgentKey key_of(std::string_view type, std::string_view rest, std::string comment = {}) {
  WireWriter blob;
  blob.string(type).string(rest);
  return {.blob = blob.take(), .comment = std::move(comment)};
}

ByteVector signature_by(std::string_view algorithm, std::size_t size = 64) {
  WireWriter out;
  out.string(algorithm).string(std::string(size, 's'));
  return out.take();
}

}  // namespace

TEST_CASE("of an agent's keys those are shown that an sshd may know, in their order") {
  struct Row {
    std::string_view type;
    bool is_shown;
  };
  const Row rows[] = {
      {"ssh-ed25519", true},
      {"ecdsa-sha2-nistp256", true},
      {"ecdsa-sha2-nistp384", true},
      {"ecdsa-sha2-nistp521", true},
      {"ssh-rsa", true},
      {"sk-ssh-ed25519@openssh.com", true},
      {"sk-ecdsa-sha2-nistp256@openssh.com", true},
      {"ssh-ed25519-cert-v01@openssh.com", true},
      {"ecdsa-sha2-nistp256-cert-v01@openssh.com", true},
      {"ssh-rsa-cert-v01@openssh.com", true},
      {"sk-ssh-ed25519-cert-v01@openssh.com", true},
      {"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", true},
      {"ssh-dss", false},
      {"ssh-xmss@openssh.com", false},
      {"rsa-sha2-512", false},
      {"sk-ssh-ed25519@openssh.com-cert-v01@openssh.com", false},
      {"", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.type);
    CHECK(keys_to_show({key_of(row.type, "rest")}, "").size() == (row.is_shown ? 1U : 0U));
  }
  CHECK(
      keys_to_show({{.blob = {}, .comment = "empty"}, {.blob = {0, 0, 0, 9, 's'}, .comment = "cut off"}}, "").empty());
  CHECK(keys_to_show({key_of("ssh-rsa", std::string(kLargestAgentKey, 'x'))}, "").empty());
}

TEST_CASE("the key that the user has logged in with is shown first, and not too many behind it") {
  std::vector<AgentKey> listed;
  listed.reserve(2 * kMostShown);
  for (std::size_t i = 0; i < 2 * kMostShown; ++i) listed.push_back(key_of("ssh-ed25519", std::to_string(i)));
  const auto last = listed.back();
  const auto shown = keys_to_show(listed, transport::fingerprint(last.blob));
  REQUIRE(shown.size() == kMostShown);
  CHECK(shown[0] == last);
  CHECK(shown[1] == listed[0]);
  CHECK(shown.back() == listed[kMostShown - 2]);
  CHECK(keys_to_show(listed, "SHA256:of-no-key-there")[0] == listed[0]);
}

TEST_CASE("a signature names the algorithm that was asked for") {
  struct Row {
    std::string_view algorithm;
    std::string_view signed_by;
    bool is_right;
  };
  const Row rows[] = {
      {"ssh-ed25519", "ssh-ed25519", true},
      {"ssh-ed25519", "rsa-sha2-512", false},
      {"rsa-sha2-512", "rsa-sha2-512", true},
      {"rsa-sha2-512", "ssh-rsa", false},
      {"rsa-sha2-512", "rsa-sha2-256", false},
      {"ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", true},
      {"rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-512", true},
      {"rsa-sha2-512-cert-v01@openssh.com", "ssh-rsa", false},
      {"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", true},
      {"sk-ssh-ed25519-cert-v01@openssh.com", "sk-ssh-ed25519@openssh.com", true},
      {"sk-ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", false},
      {"ssh-ed25519", "", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.algorithm);
    CAPTURE(row.signed_by);
    CHECK(is_signature_by(signature_by(row.signed_by), row.algorithm) == row.is_right);
  }
  CHECK_FALSE(is_signature_by({}, "ssh-ed25519"));
  CHECK_FALSE(is_signature_by(signature_by("ssh-ed25519", kLargestAgentKey), "ssh-ed25519"));
}

}  // namespace bastion::upstream
