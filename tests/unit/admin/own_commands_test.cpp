// What everybody may do about themselves, and of nobody else.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <variant>

#include "bastion/access/printed_admission.h"
#include "bastion/access/printed_keys.h"
#include "bastion/admin/commands/commands.h"
#include "bastion/admin/commands/completion.h"
#include "bastion/admin/commands/own_names.h"
#include "bastion/admin/grammar/own.h"
#include "bastion/config/settings.h"
#include "tests/support/own_world.h"

namespace bastion::admin {

using test::must;
using test::OwnWorld;

namespace {

using Words = std::vector<std::string>;

std::string fingerprint_of(OwnWorld& world, std::string_view user) {
  return must(world.keys.of_user(world.id_of(user))).front().fingerprint;
}

}  // namespace

TEST_CASE("me: what is typed at its door is always about oneself") {
  CHECK(own_words({"key", "list"}) == Words{"me", "key", "list"});
  CHECK(own_words({"me", "key", "list"}) == Words{"me", "key", "list"});
  CHECK(own_words({"user", "list"}) == Words{"me", "user", "list"});
  CHECK(own_words({"--json", "user", "list"}) == Words{"me", "--json", "user", "list"});
  CHECK(own_words({"help"}) == Words{"help", "me"});
  CHECK(own_words({"help", "user", "add"}) == Words{"help", "me", "user", "add"});
  CHECK(own_words({}) == Words{"me"});
}

TEST_CASE("me: the setting names what is in the table, and the table has nothing else") {
  CHECK(is_open("container,key", "key"));
  CHECK_FALSE(is_open("container,key-anyhow", "key"));
  CHECK_FALSE(is_open("", "key"));
  std::set<std::string_view> nouns{"key-anyhow"};
  for (const auto& command : commands()) {
    CAPTURE(command.words);
    const bool changes = command.effect != Command::Effect::reads;
    CHECK(command.noun.empty() == !(is_own(command) && changes));
    if (!command.noun.empty()) nouns.insert(command.noun);
  }
  for (const auto& setting : config::settings()) {
    if (setting.key != "me") continue;
    const auto known = std::get<config::Names>(setting.kind).known;
    CHECK(std::set<std::string_view>(known.begin(), known.end()) == nouns);
  }
}

TEST_CASE("me: what is switched off is refused, and who decides is named") {
  OwnWorld world;
  const auto key = fingerprint_of(world, "alice");
  struct Case {
    std::string line;
    const char* noun;
  };
  const Case cases[] = {{"me key add KEY2", "key"},
                        {"me key remove " + key + " --yes", "key"},
                        {"me container default db", "container"},
                        {"me share web bob", "share"},
                        {"me unshare web bob", "share"},
                        {"me session kill s2", "session"},
                        {"me password -", "password"},
                        {"me totp enroll", "totp"},
                        {"me totp reset --code 123456", "totp"}};
  std::size_t changing = 0;
  for (const auto& command : commands()) changing += command.noun.empty() ? 0 : 1;
  CHECK(std::size(cases) == changing);
  for (const auto& [line, noun] : cases) {
    // Everything else is on.
    world.context.me.clear();
    for (const auto* const other : {"container", "key", "password", "session", "share", "totp"}) {
      if (std::string_view(other) != noun)
        world.context.me += (world.context.me.empty() ? "" : ",") + std::string(other);
    }
    const auto why = world.is_refused(line);
    CHECK(why.contains("is decided by the administrator of this bastion"));
    CHECK(why.contains(std::string("has no \"") + noun + "\""));
  }
  world.context.me = "";
  for (const auto* const line : {"me whoami", "me show", "me key list", "me container list", "me session list"}) {
    world.done(line);
  }
}

TEST_CASE("me: nobody is alice on the bastion's own machine") {
  test::AdminWorld world;
  world.context.me = "key";
  for (const auto* const line : {"me whoami", "me key add KEY", "me session list"}) {
    CHECK(world.refused(line).contains("on this machine nobody has"));
  }
}

TEST_CASE("me: nothing is done to what belongs to somebody else") {
  OwnWorld world;
  world.as_admin("key add bob KEY2");
  world.as_admin("user add carol");
  world.as_admin("group add ops");
  world.as_admin("container share bob/web alice");
  const auto bobs = fingerprint_of(world, "bob");
  struct Case {
    std::string line;
    const char* saying;
  };
  const Case cases[] = {
      {"me key remove " + bobs, "you have no key"},
      {"me key remove " + bobs + " --yes", "you have no key"},
      {"me container default bob/web", "you own no container bob/web"},
      {"me container default vault", "you own no container vault"},
      {"me share bob/web carol", "you own no container bob/web"},
      {"me share bob/web --group ops", "you own no container bob/web"},
      {"me unshare bob/web alice", "you own no container bob/web"},
      {"me share web alice", "alice/web is alice's own"},
      {"me share web carl", "there is no user carl\n"},
      {"me share web --group opps", "there is no group opps\n"},
      {"me session kill s3", "you have no session s3"},
      {"me session kill s9", "you have no session s9"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.line);
    CHECK(world.is_refused(one.line).contains(one.saying));
  }
  // Nor is there anything else to be said at all.
  for (const auto* const line : {"user list", "key list bob", "container list", "audit list", "session kill s3"}) {
    CAPTURE(line);
    CHECK(world.type(line).err.contains("is for administrators"));
  }
}

TEST_CASE("me: keys") {
  OwnWorld world;
  CHECK(world.done("me key add KEY2 --comment phone --expires 1h").contains("lets you in from now on, until"));
  const auto listed = world.json("me key list");
  REQUIRE(listed.size() == 2);
  CHECK(listed[0]["this_session"] == true);
  CHECK(listed[1]["this_session"] == false);
  CHECK(listed[1]["comment"] == "phone");
  const auto row = must(world.audit.latest(1)).front();
  CHECK(row.action == "me key add");
  CHECK(row.actor == "alice");
  CHECK(row.subject == "alice " + listed[1]["fingerprint"].get<std::string>());
  CHECK(world.is_refused("me key add KEY2").contains("already"));
  const auto first = fingerprint_of(world, "alice");
  const auto second = listed[1]["fingerprint"].get<std::string>();
  CHECK(world.done("me key remove " + second).contains("lets you in no more"));
  CHECK(world.is_refused("me key remove " + first).contains("it is the last key that lets you in"));
  CHECK(world.done("me key remove " + first + " --yes").contains("lets you in no more"));
  // And with it she is out.
  CHECK(world.type("me whoami").err.contains("the key you logged in with was removed"));
}

TEST_CASE("me: the key of this session goes after a yes, and another one that is no way in does not count") {
  OwnWorld world;
  const auto first = fingerprint_of(world, "alice");
  world.as_admin("key add alice KEY2 --options command=\"date\"");
  CHECK(world.is_refused("me key remove " + first).contains("it is the last key that lets you in"));
  const auto second = must(world.keys.of_user(world.id_of("alice")))[1].fingerprint;
  world.as_admin("key set alice " + second + " --options none");
  CHECK(world.is_refused("me key remove " + first).contains("it is the key you are logged in with"));
}

TEST_CASE("me: a key that is limited makes nothing freer") {
  OwnWorld world;
  const auto first = fingerprint_of(world, "alice");
  world.as_admin("key set alice " + first + " --options restrict,from=\"192.0.2.0/24\" --expires 2d");
  CHECK(world.is_refused("me key add KEY2 --options pty").contains("has the same, and no others"));
  CHECK(world.is_refused("me key add KEY2 --options from=\"192.0.2.1\"").contains("has the same, and no others"));
  CHECK(world.is_refused("me share web bob").contains("a share counts for your whole account"));
  CHECK(world.is_refused("me totp enroll").contains("a one-time code counts for your whole account"));
  world.done("me key add KEY2 --expires 30d");
  const auto keys = must(world.keys.of_user(world.id_of("alice")));
  REQUIRE(keys.size() == 2);
  CHECK(keys[1].options == keys[0].options);
  CHECK(keys[1].expires_at == keys[0].expires_at);
  // Nor does it take away what is freer.
  world.as_admin("key set alice " + keys[1].fingerprint + " --options none");
  CHECK(world.is_refused("me key remove " + keys[1].fingerprint).contains("limited by options"));
  world.as_admin("key set alice " + keys[1].fingerprint + " --options " + keys[0].options);
  world.done("me key remove " + keys[1].fingerprint);
}

TEST_CASE("me: a key that only ends lends its end, and nothing else") {
  OwnWorld world;
  world.as_admin("key set alice " + fingerprint_of(world, "alice") + " --expires 2d");
  const auto end = must(world.keys.of_user(world.id_of("alice"))).front().expires_at;
  world.done("me share web bob --expires 30d");
  CHECK(must(world.shares.of_container(must(world.containers.of_owner(world.id_of("alice"))).back().id))
            .front()
            .expires_at == end);
  world.done("me key add KEY2 --options no-pty --expires never");
  CHECK(must(world.keys.of_user(world.id_of("alice")))[1].expires_at == end);
  CHECK(must(world.keys.of_user(world.id_of("alice")))[1].options == "no-pty");
}

TEST_CASE("me: what is mistyped is told what can be said at its door") {
  OwnWorld world;
  CHECK(world.type("me key lst").err.contains("did you mean \"me key list\"?"));
  CHECK_FALSE(world.type("me user list").err.contains("\"user list\""));
}

TEST_CASE("me: nobody makes themselves a CA") {
  OwnWorld world;
  for (const auto* const options : {"cert-authority", "cert-authority,principals=\"root\""}) {
    CHECK(world.is_refused(std::string("me key add KEY2 --options ") + options).contains("only an administrator"));
  }
}

TEST_CASE("me: who came with a certificate adds a key only where that is said") {
  OwnWorld world;
  world.come_with_certificate();
  CHECK(world.is_refused("me key add KEY2").contains("has no \"key-anyhow\""));
  world.context.me += ",key-anyhow";
  SUBCASE("and the certificate permits everything") { world.done("me key add KEY2"); }
  SUBCASE("but not where it permits less than the account may") {
    auto& shown = std::get<access::CertificateCredential>(world.who.credential);
    auto narrower = *shown.certificate;
    narrower.extensions = {"permit-pty"};
    shown.certificate = std::make_shared<transport::UserCertificate>(narrower);
    CHECK(world.is_refused("me key add KEY2").contains("limited by options"));
    CHECK(world.is_refused("me share web bob").contains("limited by options"));
  }
}

TEST_CASE("me: so does who came with something else than a key that is enrolled") {
  OwnWorld world;
  const auto alice = world.id_of("alice");
  SUBCASE("a password") {
    world.as_admin("user set alice --auth publickey|password");
    must(world.passwords.set(alice, "hash", false, 1));
    world.who.credential = access::PasswordCredential{.password = must(world.passwords.of_user(alice))->id};
  }
  SUBCASE("a sign-on") {
    world.as_admin("user set alice --auth publickey|oidc");
    const auto id =
        must(world.sign_ons.note({.user = alice, .key = "", .issuer = "i", .subject = "s", .signed_at = 1}));
    world.who.credential = access::SignOnCredential{.sign_on = id, .signed_at = 1};
  }
  SUBCASE("a key that a program has printed") {
    const auto printed = access::parse_printed_keys(test::kOtherKey);
    const auto by = access::printed_for(printed, printed.keys.front().key);
    world.who = access::admission(world.revocations, must(world.users.get("alice")), *by,
                                  {std::string(OwnWorld::kFrom), world.context.now}, {})
                    .value();
  }
  CHECK(world.done("me show").contains("alice"));
  CHECK(world.is_refused("me key add KEY2").contains("has no \"key-anyhow\""));
  world.context.me += ",key-anyhow";
  world.done("me key add KEY2");
}

TEST_CASE("me: containers, where she lands, and with whom she shares") {
  OwnWorld world;
  world.as_admin("container share bob/web alice");
  CHECK(world.done("me container default db") == "you land in db from now on\n");
  world.done("me share alice/db bob --expires 1h");
  const auto listed = world.json("me container list");
  REQUIRE(listed.size() == 3);
  CHECK(listed[0]["container"] == "alice/db");
  CHECK(listed[0]["login"] == "alice+db@");
  CHECK(listed[0]["default"] == true);
  CHECK(listed[0]["shared_with"] == "bob");
  CHECK(listed[1]["default"] == false);
  CHECK(listed[2]["login"] == "alice+bob+web@");
  CHECK(world.done("me unshare db bob").contains("no longer shared with bob"));
  CHECK(world.is_refused("me unshare db bob").contains("is not shared with bob"));
  // Where a container is, is the administrators' to know.
  CHECK_FALSE(world.done("me container list --json").contains("10.0.3"));
}

TEST_CASE("me: somebody else's default is not where she lands") {
  OwnWorld world;
  world.as_admin("container share bob/web alice");
  world.as_admin("container set alice/web --no-default");
  CHECK(world.json("me show")["lands_in"].is_null());
  for (const auto& row : world.json("me container list")) CHECK(row["default"] == false);
  world.as_admin("container set bob/web --default");
  CHECK(world.json("me show")["lands_in"].is_null());
  world.as_admin("container remove alice/web --yes");
  CHECK(world.json("me show")["lands_in"] == "alice/db");
  world.as_admin("container remove alice/db --yes");
  CHECK(world.json("me show")["lands_in"] == "bob/web");
  CHECK(world.json("me container list")[0]["default"] == true);
}

TEST_CASE("me: help says what is switched off") {
  OwnWorld world;
  world.context.me = "container,key,session,password";
  CHECK(world.done("help me").contains("\nSwitched off by the administrator: me share, me unshare, me totp enroll, "));
  CHECK(world.done("me help") == world.done("help me"));
  CHECK_FALSE(world.done("help me share").contains("Switched off"));
  CHECK_FALSE(world.done("help").contains("Switched off"));
  world.context.me += ",share,totp";
  CHECK_FALSE(world.done("help me").contains("Switched off"));
}

TEST_CASE("me: sessions") {
  OwnWorld world;
  const auto listed = world.json("me session list");
  REQUIRE(listed.size() == 2);
  CHECK(listed[0]["this_session"] == true);
  CHECK(world.done("me session kill s2") == "ended: s2\n");
  CHECK(world.done("me session kill --others") == "ended: s2\n");
  CHECK(must(world.audit.latest(1)).front().subject == "s2");
  world.context.snapshot.sessions->erase(world.context.snapshot.sessions->begin() + 1);
  CHECK(world.done("me session kill --others") == "you have no other session\n");
}

TEST_CASE("me: what she may is said in words") {
  OwnWorld world;
  world.as_admin("user set alice --options no-agent-forwarding,permitopen=\"db:5432\"");
  CHECK(world.done("me whoami").starts_with("alice, from 192.0.2.1, with SHA256:"));
  const auto shown = world.json("me show");
  CHECK(shown["lands_in"] == "alice/web");
  CHECK(shown["needs_to_log_in"] == "publickey");
  CHECK(shown["agent_forwarding"] == false);
  CHECK(shown["terminal"] == true);
  CHECK(shown["local_forwarding"] == "to some places only");
  CHECK(shown["limited_by_options"] == false);
  CHECK(shown["may_change"] == "container, key, session, share, totp");
  // Reading about oneself is no event.
  CHECK(must(world.audit.latest(1)).front().action == "user set");
}

TEST_CASE("me: who has a role looks after themselves as everybody does") {
  for (const auto* const role : {"auditor", "operator", "admin"}) {
    OwnWorld world;
    world.as_admin(std::string("user set alice --role ") + role);
    world.done("me key add KEY2");
    world.done("me share web bob");
    world.done("me container default db");
  }
}

TEST_CASE("me: who is not admitted any more does nothing") {
  OwnWorld world;
  world.as_admin("user disable alice");
  CHECK(world.is_refused("me key add KEY2").contains("your account was disabled"));
}

TEST_CASE("me: Tab knows what is one's own") {
  OwnWorld world;
  world.as_admin("group add ops");
  world.as_admin("group join ops alice");
  world.as_admin("group add dev");
  const auto names = own_names(world.database, {world.who.user, world.who.name});
  CHECK(names.users.empty());
  CHECK(names.backends.empty());
  CHECK(names.containers == Words{"db", "web"});
  CHECK(names.groups == Words{"ops"});
  struct Case {
    const char* line;
    Words candidates;
  };
  const Case cases[] = {
      {"", {"container", "exit", "help", "key", "password", "session", "share", "show", "totp", "unshare", "whoami"}},
      {"k", {"key"}},
      {"key ", {"add", "list", "remove"}},
      {"container default ", {"db", "web"}},
      {"me share w", {"web"}},
      {"share web ", {}},
      {"share web --group ", {"ops"}},
      {"key remove ", {fingerprint_of(world, "alice")}},
      {"user ", {}},
  };
  for (const auto& one : cases) {
    CAPTURE(one.line);
    CHECK(complete_own(one.line, names).candidates == one.candidates);
  }
}

}  // namespace bastion::admin
