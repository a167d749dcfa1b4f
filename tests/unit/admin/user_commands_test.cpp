// The commands about users and their keys.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/admin/commands/run.h"
#include "bastion/base/public_identity.h"
#include "bastion/transport/keys.h"
#include "store/accepted_identities.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {

using test::AdminWorld;
using test::kAliceKey;
using test::kOtherKey;
using test::must;

TEST_CASE("the key of the CA is one line, ready to paste, and not that of the identity") {
  AdminWorld world;
  CHECK(world.done("identity show --ca") == std::string(test::kOtherKey) + " bastion-ca\n");
}

TEST_CASE("the identity comes with the options that fit where it goes") {
  AdminWorld world;
  world.furnished();
  const auto key = std::string(test::kAliceKey).substr(0, std::string_view(test::kAliceKey).rfind(' ')) + " bastion\n";
  world.done("backend add be7 10.1.1.17 --login hop");
  CHECK(world.done("identity show be7") == "restrict,port-forwarding " + key);
  world.done("backend add be8 10.9.9.18:2200 --login hop --via be7");
  world.done("backend add net 10.9.9.19 --login hop --via be7 --direct");
  world.done("container add one --owner alice --backend be7 --address 10.0.3.101");
  world.type("container add two --owner alice --backend be7 --address 127.0.0.1:2201");  // with a note
  world.done("container add six --owner alice --backend net --address fd00::7");
  world.done("container add far --owner alice --backend be8 --address 10.0.3.102");
  CHECK(world.done("identity show be7") ==
        "restrict,port-forwarding,permitopen=\"10.0.3.101:*\",permitopen=\"10.9.9.18:2200\","
        "permitopen=\"127.0.0.1:2201\",permitopen=\"[fd00::7]:*\" " +
            key);
  CHECK(world.done("identity show be8") == "restrict,port-forwarding,permitopen=\"10.0.3.102:*\" " + key);
  CHECK(world.done("identity show alice/one") ==
        "restrict,pty,agent-forwarding,port-forwarding,X11-forwarding,user-rc " + key);
  world.done("container set alice/one --identity certificate --login bob");
  CHECK(world.done("identity show alice/one") ==
        "cert-authority,principals=\"bob\",restrict,pty,agent-forwarding,port-forwarding,X11-forwarding,user-rc " +
            std::string(test::kOtherKey) + " bastion-ca\n");
  CHECK(world.refused("identity show nowhere").find("there is no backend and no container nowhere") !=
        std::string::npos);
  CHECK(world.refused("identity show be7 --ca") == "--ca and HOST are mutually exclusive\n");
}

TEST_CASE("while there are two keys, both are shown, and who has not taken the new one") {
  AdminWorld world;
  world.furnished();
  const auto old = must(transport::parse_public_key(test::kAliceKey)).key;
  const auto current = must(transport::parse_public_key(test::kOtherKey)).key;
  world.context.identity = [&]() -> Result<PublicIdentity> {
    return PublicIdentity{.keys = {current, old}, .ca = current};
  };
  const auto shown = world.type("identity show");
  CHECK(shown.out == transport::to_line(current, "bastion") + "\n" + transport::to_line(old, "bastion-old") + "\n");
  CHECK(shown.err.find("backend be1 was not logged in to since") != std::string::npos);
  store::AcceptedIdentities accepted(world.database);
  must(accepted.note(store::HostKeyOwner::of_backend(must(world.backends.get("be1")).id), "hop", old.blob, 1));
  CHECK(world.type("identity show").err.find("backend be1 takes only the old key") != std::string::npos);
}

TEST_CASE("while there is a new CA, both lines are shown, the one that signs first") {
  AdminWorld world;
  world.furnished();
  const auto ca = must(transport::parse_public_key(test::kAliceKey)).key;
  const auto next = must(transport::parse_public_key(test::kOtherKey)).key;
  world.context.identity = [&]() -> Result<PublicIdentity> {
    return PublicIdentity{.keys = {ca}, .ca = ca, .next_ca = next};
  };
  const auto shown = world.type("identity show --ca");
  CHECK(shown.out == transport::to_line(ca, "bastion-ca") + "\n" + transport::to_line(next, "bastion-ca-next") + "\n");
  CHECK(shown.err.find("the second one signs nothing before `bastion identity rotate --ca --finish`") !=
        std::string::npos);
  world.done("backend set be1 --identity certificate");
  const auto of_backend = world.type("identity show be1").out;
  CHECK(of_backend.contains(transport::to_line(ca, "bastion-ca") + "\ncert-authority,principals="));
  CHECK(of_backend.ends_with(transport::to_line(next, "bastion-ca-next") + "\n"));
}

TEST_CASE("the identity is one line, ready to paste") {
  AdminWorld world;
  CHECK(world.done("identity show") ==
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f bastion\n");
}

TEST_CASE("keys come and go") {
  AdminWorld world;
  world.done("user add alice");
  world.done("key add alice KEY --comment laptop --expires 12h");
  const auto keys = world.json("key list alice");
  REQUIRE(keys.size() == 1);
  CHECK(keys[0]["comment"] == "laptop");
  CHECK(keys[0]["expires"] == "1970-01-13T01:46:40Z");
  const std::string fingerprint = keys[0]["fingerprint"];
  CHECK(world.refused("key add alice KEY") == "key " + fingerprint + " is there already, for user alice\n");
  CHECK(world.refused("key add alice KEY2 --expires 1970-01-01").ends_with("the key would never be accepted\n"));
  CHECK(world.refused("key add alice missing") == "missing: No such file or directory\n");
  CHECK(world.refused("key remove alice SHA256:x").starts_with("user alice has no key SHA256:x"));
  world.done("key remove alice " + fingerprint.substr(7));
  CHECK(world.json("key list alice").empty());
}

TEST_CASE("a user is changed, and shown as what was typed") {
  AdminWorld world;
  world.done("user add alice --options restrict,pty --idle-timeout 30s");
  const auto shown = [&](const char* field) { return world.json("user show alice")[field]; };
  CHECK(shown("role") == "user");
  CHECK(shown("options") == "restrict,pty");
  CHECK(shown("idle_timeout") == "30s");
  CHECK(shown("max_session") == "default");
  CHECK(world.done("user set alice --role admin --max-session 90m --idle-timeout none") == "user alice changed\n");
  CHECK(shown("role") == "admin");
  CHECK(shown("options") == "restrict,pty");
  CHECK(shown("idle_timeout") == "none");
  CHECK(shown("max_session") == "90m");
  CHECK(shown("max_sessions") == "default");
  world.done("user set alice --max-sessions 3 --max-logins none --max-rekeys 100 --max-bytes 1000000");
  CHECK(shown("max_sessions") == 3);
  CHECK(shown("max_logins") == "none");
  CHECK(shown("max_rekeys") == 100);
  CHECK(shown("max_bytes") == 1'000'000);
  CHECK(shown("auth") == "default");
  world.done("user set alice --auth publickey+publickey|publickey");
  CHECK(shown("auth") == "publickey+publickey|publickey");
  CHECK(world.misused("user set alice --auth totp").contains("totp alone lets nobody in"));
  world.done("user set alice --auth default");
  CHECK(shown("auth") == "default");
  world.done("user set alice --max-sessions default");
  CHECK(shown("max_sessions") == "default");
  CHECK(shown("max_rekeys") == 100);
  world.done("user set alice --options none --max-session default");
  CHECK(shown("options").is_null());
  CHECK(shown("max_session") == "default");
}

TEST_CASE("a user is disabled and enabled again; saying it twice does no harm") {
  AdminWorld world;
  world.done("user add alice");
  CHECK(world.done("user enable alice") == "user alice was not disabled\n");
  CHECK(world.done("user disable alice") == "user alice disabled\n");
  CHECK(world.json("user show alice")["state"] == "disabled");
  world.context.now += 10;
  CHECK(world.done("user disable alice") == "user alice was disabled already\n");
  CHECK(must(world.users.get("alice")).disabled_at == AdminWorld::kNow);
  CHECK(world.done("user enable alice") == "user alice enabled\n");
  CHECK(world.json("user show alice")["state"] == "active");
  CHECK(world.refused("user disable bob") == "there is no user bob\n");
}

TEST_CASE("options stand before a key, or are given by themselves, but not both") {
  AdminWorld world;
  world.done("user add alice");
  const auto add = [&](const std::string& key, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"key", "add", "alice", key};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, world.context);
  };
  const auto with_options = R"(restrict,command="echo a b" )" + std::string(kAliceKey);
  CHECK(add("frobnicate " + std::string(kAliceKey)).err == "before the key: there is no option \"frobnicate\"\n");
  CHECK(add(with_options, {"--options", "no-pty"}).err ==
        "there are options before the key already: give them there or with --options\n");
  CHECK(add(with_options).status == Status::done);
  CHECK(add(kOtherKey, {"--options", "no-pty"}).status == Status::done);
  const auto keys = world.json("key list alice");
  CHECK(keys[0]["options"] == R"(restrict,command="echo a b")");
  CHECK(keys[0]["comment"] == "alice@laptop");
  CHECK(keys[1]["options"] == "no-pty");
  const auto host_key =
      run({"backend", "add", "be1", "h", "--login", "hop", "--host-key", "no-pty " + std::string(kOtherKey)},
          world.context);
  CHECK(host_key.err == "options have no place before a host key: \"no-pty\"\n");
}

TEST_CASE("a key is changed") {
  AdminWorld world;
  world.done("user add alice --key KEY");
  const std::string fingerprint = world.json("key list alice")[0]["fingerprint"];
  const auto shown = [&](const char* field) { return world.json("key list alice")[0][field]; };
  CHECK(world.done("key set alice " + fingerprint + " --options no-pty --expires 12h --comment laptop") ==
        "key " + fingerprint + " of user alice changed\n");
  CHECK(shown("options") == "no-pty");
  CHECK(shown("expires") == "1970-01-13T01:46:40Z");
  CHECK(shown("comment") == "laptop");
  world.done("key set alice " + fingerprint.substr(7) + " --options none --expires never");
  CHECK(shown("options").is_null());
  CHECK(shown("expires").is_null());
  CHECK(shown("comment") == "laptop");
  CHECK(world.refused("key set alice x --expires never") ==
        "user alice has no key SHA256:x: `key list alice` shows them\n");
  CHECK(world.refused("key set alice " + fingerprint + " --expires 1970-01-01").find("is past") != std::string::npos);
}

TEST_CASE("the last administrator who can log in stays one, whatever is typed") {
  AdminWorld world;
  world.furnished();
  const std::string nobody = "no administrator would be left\n";
  const std::string no_key = "no administrator could log in any more\n";
  world.done("user disable alice");  // no administrator, and there is none yet
  world.done("user add root --role admin --key KEY2");
  const std::string fingerprint = world.json("key list root")[0]["fingerprint"];
  CHECK(world.refused("user remove root") == nobody);
  CHECK(world.refused("user disable root") == nobody);
  CHECK(world.refused("user set root --role user") == nobody);
  CHECK(world.refused("key remove root " + fingerprint) == no_key);
  CHECK(world.refused("key set root " + fingerprint + " --options expiry-time=\"19700101\"") == no_key);
  CHECK(world.refused("key set root " + fingerprint + " --options command=\"id\"") == no_key);
  CHECK(world.refused("user set root --options command=\"id\"") == no_key);
  CHECK(world.refused("user set root --auth publickey+publickey") == no_key);
  world.file_text = R"({"version": 1, "users": [{"name": "alice"}, {"name": "bob"}]})";
  CHECK(world.refused("apply FILE --prune") == nobody);
  CHECK(world.refused("apply FILE --prune --dry-run") == nobody);
  world.file_text = R"({"version": 1, "users": [{"name": "root", "keys": []}, {"name": "alice"}, {"name": "bob"}]})";
  CHECK(world.refused("apply FILE --prune") == no_key);
  // One who cannot log in does not count, and may go.
  world.done("user add spare --role admin");
  CHECK(world.refused("user remove root") == no_key);
  world.done("user remove spare");
  world.done("user add other --role admin --key KEY");
  world.done("user set root --role user");
  world.done("user remove root");
  CHECK(world.refused("user disable other") == nobody);
}

}  // namespace bastion::admin
