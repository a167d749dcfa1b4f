// The host keys of newcomers, as bastion-instances says them.
#include "bastion/server/newcomers.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion::server {
namespace {

constexpr std::string_view kLine =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl root@web\n";

follow::Proof proof(std::uint32_t status, std::string out, std::string complaint = {}) {
  return proof_of({.name = "web", .project = "default", .location = {}, .status = {}},
                  probe::Ordered{.status = status, .out = std::move(out), .complaint = std::move(complaint)});
}

bool may(std::string name, std::string project = "default") {
  return may_be_asked_for({.name = std::move(name), .project = std::move(project), .location = {}, .status = {}});
}

}  // namespace

TEST_CASE("newcomers: whose host keys a backend says") {
  CHECK(proof(0, std::string(kLine)).host_keys.size() == 1);
  CHECK(proof(0, std::string(kLine) + "no key\n" + std::string(kLine)).host_keys.size() == 2);
  CHECK(proof(0, "").why == "what its backend gives as its host key is none");
  CHECK(proof(0, "\n\n ssh-ed25519\n").host_keys.empty());
  CHECK(proof(127, std::string(kLine)).host_keys.empty());
  CHECK(proof(127, "").why == "its backend has no bastion-instances");
  CHECK(proof(75, "", "no sshd listens in web yet").why == "no sshd listens in web yet");
  CHECK(proof(1, "").why == "bastion-instances ended with status 1");
  CHECK(proof(1, "", "\x1b[31mno").why.find('\x1b') == std::string::npos);
  const auto away = proof_of({.name = "web", .project = "default", .location = {}, .status = {}}, fail("be2 is away"));
  CHECK(away.why == "be2 is away");
}

TEST_CASE("newcomers: nothing that a daemon calls its own becomes another word of a command") {
  CHECK(may("web-1"));
  for (const auto* const name : {"", "-web", "a b", "a;id", "$(id)", "a\nb", "A", "a.b", "a_b", "a'b"}) {
    CAPTURE(name);
    CHECK_FALSE(may(name));
  }
  CHECK(may("web", "team_a.b"));
  for (const auto* const project : {"", "-p", "a b", "a;id", "`id`", "a\nb"}) CHECK_FALSE(may("web", project));
}

}  // namespace bastion::server
