// The commands about CAs of host keys.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "bastion/transport/keys.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {
namespace {

using test::AdminWorld;
using test::blob;
using test::must;

struct HostCaWorld : AdminWorld {
  HostCaWorld() { furnished(); }
  std::string fingerprint() { return transport::fingerprint(must(host_cas.all()).front().blob); }
};

}  // namespace

TEST_CASE("host CAs are added, listed and removed") {
  HostCaWorld world;
  CHECK(world.done("host-ca list") == "no CA is trusted for host keys\n");
  const auto added = world.done("host-ca add KEY");
  CHECK(added == "CA " + world.fingerprint() + " is trusted for the host keys of *\n");
  world.done("host-ca add KEY --hosts *.Example.COM,!old.example.com");
  CHECK(must(world.audit.latest(1)).front().action == "host-ca add");
  CHECK(must(world.audit.latest(1)).front().subject == world.fingerprint() + " *.example.com,!old.example.com");
  const auto rows = world.json("host-ca list");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0]["fingerprint"] == world.fingerprint());
  CHECK(rows[0]["type"] == "ssh-ed25519");
  CHECK(rows[0]["hosts"] == "*.example.com,!old.example.com");
  for (const std::string wrong : {",", "a,,b", "!", "a/b"}) {
    CHECK(world.misused("host-ca add KEY --hosts " + wrong).find("list of patterns") != std::string::npos);
  }
  CHECK(world.refused("host-ca remove SHA256:x") == "no CA SHA256:x is trusted: `host-ca list` shows them\n");
  const auto be1 = store::HostKeyOwner::of_backend(must(world.backends.get("be1")).id);
  must(world.host_cas.note(be1, {.key = blob("K"), .ca = must(world.host_cas.all()).front().blob, .seen_at = 5}));
  const auto fingerprint = world.fingerprint();
  CHECK(world.done("host-ca remove " + fingerprint.substr(7)) ==
        "CA " + fingerprint + " is trusted no longer; 1 host was known by a certificate of it\n");
  CHECK(must(world.host_cas.all()).empty());
  CHECK(world.json("host-key list")[0]["state"] == "certified before");
  CHECK(world.done("host-key forget be1").starts_with("the host key of backend be1 is forgotten"));
  CHECK(world.json("host-key list").empty());
}

TEST_CASE("a machine has the alias that a certificate has to name, and shows by which one it was known") {
  HostCaWorld world;
  CHECK(world.json("container show alice/web")["host_key_alias"].is_null());
  CHECK(world.done("host-key alias alice/web WEB.example.com") ==
        "a certificate of container alice/web has to be for web.example.com\n");
  CHECK(world.json("container show alice/web")["host_key_alias"] == "web.example.com");
  CHECK(world.misused("host-key alias alice/web *.example.com").find("is no name of a host") != std::string::npos);
  CHECK(world.done("host-key alias alice/web") == "container alice/web has no host key alias any more\n");
  CHECK(world.refused("host-key alias alice/web") == "container alice/web has no host key alias\n");
  CHECK(world.done("host-key alias be1 one") == "a certificate of backend be1 has to be for one\n");
  CHECK(world.json("backend show be1")["host_key_alias"] == "one");
  CHECK(world.refused("host-key alias be99 x") == "there is no backend and no container be99\n");

  world.done("host-ca add KEY");
  const auto be1 = store::HostKeyOwner::of_backend(must(world.backends.get("be1")).id);
  must(world.host_cas.note(be1, {.key = blob("K"), .ca = must(world.host_cas.all()).front().blob, .seen_at = 5}));
  const auto key = transport::fingerprint(blob("K"));
  CHECK(world.json("backend show be1")["host_key"] == key + " (certified by CA " + world.fingerprint() + ")");
  for (const std::string words : {"host-key list", "host-key list be1"}) {
    const auto rows = world.json(words);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0]["host"] == "backend be1");
    CHECK(rows[0]["fingerprint"] == key);
    CHECK(rows[0]["state"] == "certified");
    CHECK(rows[0]["ca"] == world.fingerprint());
    CHECK(rows[0]["since"] == "1970-01-01T00:00:05Z");
  }
  must(world.host_keys.learn(be1, blob("L"), 1));
  CHECK(world.json("backend show be1")["host_key"] ==
        transport::fingerprint(blob("L")) + " (learned), " + key + " (certified by CA " + world.fingerprint() + ")");
}

}  // namespace bastion::admin
