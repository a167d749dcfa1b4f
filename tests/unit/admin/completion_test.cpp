// What Tab offers.
#include "bastion/admin/commands/completion.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bastion::admin {
namespace {

using Words = std::vector<std::string>;

const Names kNames{.users = {"alice", "albert", "bob"},
                   .backends = {"be1", "be2"},
                   .containers = {"alice/web", "bob/web"},
                   .fingerprints = {{"alice", {"SHA256:AAA", "SHA256:ABB"}}},
                   .sessions = {"0123", "0456"},
                   .host_cas = {"SHA256:CA1"},
                   .cas = {"corp"}};

// The line as it is afterwards.
std::string completed(const std::string& line) { return line + complete(line, kNames, store::Role::admin).insert; }
Words offered(std::string_view line) { return complete(line, kNames, store::Role::admin).candidates; }

bool offers(std::string_view line, const std::string& word) {
  const auto candidates = offered(line);
  return std::ranges::find(candidates, word) != candidates.end();
}

}  // namespace

TEST_CASE("words of commands are completed") {
  CHECK(completed("us") == "user ");
  CHECK(completed("user sh") == "user show ");
  CHECK(offers("", "container"));
  CHECK(offers("", "help"));
  CHECK(offered("user s") == Words{"set", "show"});
  CHECK(completed("nonsense") == "nonsense");
  CHECK(completed("help us") == "help user ");
  CHECK(offers("help ", "all"));
  CHECK(offered("help user s") == Words{"set", "show"});
  CHECK(offered("help user show ").empty());
  CHECK(completed("container forget") == "container forget-host-key ");
}

TEST_CASE("names are completed where the command has a name") {
  CHECK(offered("user show al") == Words{"albert", "alice"});
  CHECK(completed("user show a") == "user show al");
  CHECK(completed("user show b") == "user show bob ");
  CHECK(completed("backend drain be") == "backend drain be");
  CHECK(offered("container remove ") == Words{"alice/web", "bob/web"});
  CHECK(completed("container share alice/web b") == "container share alice/web bob ");
  CHECK(completed("key list bo") == "key list bob ");
  CHECK(completed("session show 04") == "session show 0456 ");
  CHECK(completed("route ali") == "route alice ");
  CHECK(completed("ca remove ") == "ca remove corp ");
  CHECK(completed("revoke --ca ") == "revoke --ca corp ");
  CHECK(completed("totp enroll bo") == "totp enroll bob ");
  CHECK(completed("password set bo") == "password set bob ");
  CHECK(completed("host-key list bob") == "host-key list bob/web ");
  CHECK(offers("host-key accept ", "alice/web"));
  CHECK(offers("host-key accept ", "be1"));
  // What the machine itself says is to be typed.
  CHECK(offered("host-key accept be1 ").empty());
}

TEST_CASE("a new name is not there to be completed") {
  CHECK(offered("user add al").empty());
  CHECK(offered("container add w").empty());
  CHECK(offered("ca add c").empty());
  CHECK(completed("key add ali") == "key add alice ");
}

TEST_CASE("options are completed, each once, and their values") {
  CHECK(completed("container add x --own") == "container add x --owner ");
  CHECK(completed("container add x --owner al --ba") == "container add x --owner al --backend ");
  CHECK(offered("container add x --owner bo") == Words{"bob"});
  CHECK(offered("container add x --backend ") == Words{"be1", "be2"});
  CHECK(offered("user add x --role ") == Words{"admin", "auditor", "operator", "user"});
  CHECK_FALSE(offers("container add x --owner bob --", "--owner"));
  CHECK(offers("container add x --owner bob --", "--backend"));
  CHECK(offers("user add x --key K --", "--key"));
  CHECK(offers("user list --", "--json"));
  CHECK(offered("backend add x h --login ").empty());
}

TEST_CASE("fingerprints are those of the user who is named") {
  CHECK(completed("host-ca remove ") == "host-ca remove SHA256:CA1 ");
  CHECK(offered("host-key accept be1 ").empty());
  CHECK(offered("key remove alice ") == Words{"SHA256:AAA", "SHA256:ABB"});
  CHECK(completed("key remove alice SHA256:AB") == "key remove alice SHA256:ABB ");
  CHECK(offered("key remove bob ").empty());
}

TEST_CASE("inside quotes nothing is offered") { CHECK(offered("user show 'al").empty()); }

}  // namespace bastion::admin
