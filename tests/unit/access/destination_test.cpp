#include "bastion/access/destination.h"

#include <doctest/doctest.h>

#include <string>

#include "bastion/access/target.h"
#include "bastion/base/match.h"
#include "tests/support/small_world.h"

namespace bastion::access {
namespace {

using test::must;
using test::SmallWorld;

// Scenarios 5 and 6: alice at be1, bob at be1 and be2, carol behind both; everybody's addresses overlap.
struct DestinationWorld : SmallWorld {
  DestinationWorld() {
    for (const auto* name : {"alice", "bob", "carol", "nobody", "root"}) user(name);
    backend("be1");
    backend("be2");
    default_container("alice", "web", "be1", "10.0.3.100");
    container("alice", "db", "be2", "10.0.3.101");
    container("bob", "web", "be2", "10.0.3.100");
    container("bob", "shop", "be1", "10.0.3.101");
    container("carol", "web", "be1", "10.0.3.102");
    container("carol", "v6", "be1", "fd00::5");
    container("carol", "fd00", "be1", "10.0.3.103");
  }

  void by_command(std::string_view owner, std::string_view name, std::string_view backend, std::string command) {
    auto one = describe(owner, name, backend, "");
    one.command = std::move(command);
    must(containers.add(one));
  }

  std::string leads(std::string_view user_name, std::string_view host, std::uint16_t port = 22) {
    const auto target = parse_target(user_name);
    REQUIRE(target);
    const Identity who{.user = id_of(target->user),
                       .name = target->user,
                       .role = target->user == "root" ? store::Role::admin : store::Role::user};
    const Endpoint wanted{std::string(host), port};
    const auto found = find_destination(containers, backends, who, *target, wanted, kNow);
    if (!found) return found.error().text;
    return std::visit(Match{[](const Inside&) { return std::string("inside"); },
                            [](const ThroughTheHops& way) {
                              std::string line;
                              for (const auto& hop : way.hops) line += hop.name + " > ";
                              if (!way.command.empty()) return line + "`" + way.command + "` (" + way.name + ")";
                              return line + way.to.text() + " (" + way.name + ")";
                            }},
                      *found);
  }
};

}  // namespace

TEST_CASE("where a forward leads") {
  DestinationWorld world;
  struct Row {
    std::string_view as;
    std::string_view host;
    std::uint16_t port;
    std::string_view leads;
  };
  const Row rows[] = {
      // her own containers, by name and by address
      {"alice", "web", 22, "be1 > 10.0.3.100:22 (alice/web)"},
      {"alice", "web", 80, "be1 > 10.0.3.100:80 (alice/web)"},
      {"alice", "db", 22, "be2 > 10.0.3.101:22 (alice/db)"},
      {"alice", "DB.", 22, "be2 > 10.0.3.101:22 (alice/db)"},
      {"alice", "Alice/DB", 22, "be2 > 10.0.3.101:22 (alice/db)"},
      {"alice", "alice/db", 22, "be2 > 10.0.3.101:22 (alice/db)"},
      {"alice", "alice+db", 22, "be2 > 10.0.3.101:22 (alice/db)"},
      {"alice", "10.0.3.100", 22, "be1 > 10.0.3.100:22 (alice/web)"},
      {"alice", "::ffff:10.0.3.100", 22, "be1 > 10.0.3.100:22 (alice/web)"},
      {"alice", "10.0.3.100", 8080, "be1 > 10.0.3.100:8080 (alice/web)"},
      // an address is looked for where the login leads
      {"alice+db", "10.0.3.101", 22, "be2 > 10.0.3.101:22 (alice/db)"},
      {"alice", "10.0.3.101", 22, "10.0.3.101:22 is somebody else's container; ask its owner to share it with you"},
      {"alice+db", "10.0.3.100", 22, "10.0.3.100:22 is somebody else's container; ask its owner to share it with you"},
      {"carol+web", "fd00::5", 22, "be1 > [fd00::5]:22 (carol/v6)"},
      {"carol+web", "FD00:0::5", 443, "be1 > [fd00::5]:443 (carol/v6)"},
      {"carol+web", "fd00", 22, "be1 > 10.0.3.103:22 (carol/fd00)"},
      {"carol+web", "fd00::6", 22, "inside"},
      {"carol+web", "fd00:style", 22, "inside"},
      // without a default, in the one network where she has it
      {"bob", "10.0.3.101", 22, "be1 > 10.0.3.101:22 (bob/shop)"},
      {"bob", "10.0.3.100", 22, "be2 > 10.0.3.100:22 (bob/web)"},
      // somebody else's, by name and by address
      {"alice", "shop", 22, "inside"},
      {"alice", "bob/shop", 22, "you have no container named bob/shop"},
      {"alice", "bob/nothing", 22, "you have no container named bob/nothing"},
      {"alice", "10.0.3.102", 22, "10.0.3.102:22 is somebody else's container; ask its owner to share it with you"},
      {"alice", "10.0.3.102", 9999, "10.0.3.102:9999 is somebody else's container; ask its owner to share it with you"},
      // a network she has nothing to do with has no meaning in hers
      {"alice+db", "10.0.3.102", 22, "inside"},
      // loopbacks, metadata, the bastion, the world: her container's
      {"alice", "localhost", 22, "inside"},
      {"alice", "LocalHost.", 22, "inside"},
      {"alice", "127.8.9.1", 80, "inside"},
      {"alice", "::ffff:127.0.0.1", 80, "inside"},
      {"alice", "0.0.0.0", 80, "inside"},
      {"root", "localhost", 22, "inside"},
      {"alice", "127.0.0.1", 22, "inside"},
      {"alice", "::1", 22, "inside"},
      {"alice", "169.254.169.254", 80, "inside"},
      {"alice", "10.1.1.1", 22, "inside"},
      {"alice", "example.org", 443, "inside"},
      {"alice", "", 22, "inside"},
      {"alice", "not a name", 22, "inside"},
      // backends
      {"root", "be1", 22, "be1.example:22 (be1)"},
      {"root", "BE1.", 22, "be1.example:22 (be1)"},
      {"root", "be1.example", 22, "be1.example:22 (be1)"},
      {"root", "Be1.Example.", 22, "be1.example:22 (be1)"},
      {"root", "be1.example", 9100, "be1.example:9100 (be1)"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.as);
    CAPTURE(row.host);
    CAPTURE(row.port);
    CHECK(world.leads(row.as, row.host, row.port) == row.leads);
  }
}

TEST_CASE("a user who names a backend that something of theirs is behind reads what to write instead") {
  DestinationWorld world;
  for (const auto* host : {"be1", "be1.example", "BE1", "be1.", "BE1.EXAMPLE"}) {
    const auto said = world.leads("alice+db", host);
    CAPTURE(said);
    CHECK(said.contains("users may not connect to be1"));
    CHECK(said.contains("ssh alice+db@"));
  }
}

TEST_CASE("a backend that is none to them is no other name than one that does not exist") {
  DestinationWorld world;
  for (const auto* host : {"be2", "be2.example", "nothing", "nothing.example"}) {
    CAPTURE(host);
    CHECK(world.leads("carol+web", host) == "inside");
  }
  CHECK(world.leads("nobody", "be1") == "inside");
  // but that of a jump in front of theirs
  world.backend("inner", "be2");
  world.container("carol", "deep", "inner", "10.0.4.1");
  CHECK(world.leads("carol+deep", "be2").contains("users may not connect to be2"));
}

TEST_CASE("an administrator's tunnel to a backend behind another goes through that one") {
  DestinationWorld world;
  world.backend("inner", "be2");
  CHECK(world.leads("root", "inner") == "be2 > inner.example:22 (inner)");
}

TEST_CASE("containers that share an address differ in the port, and other ports are for who may enter all of them") {
  DestinationWorld world;
  world.container("alice", "one", "be1", "10.0.3.7", 2201);
  world.container("carol", "two", "be1", "10.0.3.7", 2202);
  world.container("alice", "three", "be1", "10.0.3.8", 2201);
  world.container("alice", "four", "be1", "10.0.3.8", 2202);
  const std::string others = " is somebody else's container; ask its owner to share it with you";
  struct Row {
    std::string_view host;
    std::uint16_t port;
    std::string leads;
  };
  const Row rows[] = {
      {"10.0.3.7", 2201, "be1 > 10.0.3.7:2201 (alice/one)"},
      {"10.0.3.7", 2202, "10.0.3.7:2202" + others},
      {"10.0.3.7", 80, "10.0.3.7:80" + others},
      {"one", 22, "be1 > 10.0.3.7:2201 (alice/one)"},
      {"one", 2201, "be1 > 10.0.3.7:2201 (alice/one)"},
      {"one", 2202, "one:2202" + others},
      {"ONE.", 2202, "one:2202" + others},
      {"alice/one", 2202, "alice/one:2202" + others},
      {"one", 80, "one:80" + others},
      {"10.0.3.8", 80, "be1 > 10.0.3.8:80 (alice/three)"},
      {"three", 2202, "be1 > 10.0.3.8:2202 (alice/four)"},
      {"three", 80, "be1 > 10.0.3.8:80 (alice/three)"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.host);
    CAPTURE(row.port);
    CHECK(world.leads("alice", row.host, row.port) == row.leads);
  }
}

TEST_CASE("a backend without a hop of its own is in the network it is reached from") {
  DestinationWorld world;
  world.backend("here", {}, store::RouteKind::direct);
  world.backend("there", {}, store::RouteKind::direct);
  world.backend("in1", "be1", store::RouteKind::direct);
  world.container("nobody", "one", "here", "10.0.9.1", 2201);
  world.container("carol", "two", "there", "10.0.9.1", 2202);
  world.container("bob", "three", "in1", "10.0.3.100", 2203);
  CHECK(world.leads("nobody", "10.0.9.1", 2201) == "10.0.9.1:2201 (nobody/one)");
  CHECK(world.leads("nobody", "10.0.9.1", 2202).contains("somebody else's"));
  CHECK(world.leads("nobody", "one", 2202).contains("somebody else's"));
  CHECK(world.leads("nobody", "one", 80).contains("somebody else's"));
  CHECK(world.leads("alice", "10.0.3.100", 2203).contains("somebody else's"));
  CHECK(world.leads("alice", "web", 2203).contains("somebody else's"));
}

TEST_CASE("at an address of the host's own only the container's port is the container's") {
  DestinationWorld world;
  auto host = must(world.backends.get("be1"));
  host.host = "10.1.1.11";
  must(world.backends.update(host));
  world.backend("local", {}, store::RouteKind::direct);
  world.container("alice", "pub", "be1", "127.0.0.1", 2201);
  world.container("alice", "link", "be1", "169.254.7.7", 2202);
  world.container("alice", "published", "be1", "10.1.1.11", 2203);
  world.container("carol", "other", "be1", "10.1.1.11", 2204);
  world.container("nobody", "here", "local", "::1", 2205);
  const std::string inside = "inside";
  struct Row {
    std::string_view as;
    std::string_view host;
    std::uint16_t port;
    std::string leads;
  };
  const Row rows[] = {
      {"alice", "pub", 22, "be1 > 127.0.0.1:2201 (alice/pub)"},
      {"alice", "pub", 2201, "be1 > 127.0.0.1:2201 (alice/pub)"},
      // what listens there is the container's, whatever the directory holds
      {"alice", "127.0.0.1", 2201, inside},
      {"alice+pub", "127.0.0.1", 7000, inside},
      {"alice+pub", "localhost", 2201, inside},
      {"nobody", "::1", 2205, inside},
      {"nobody", "::1", 22, inside},
      {"nobody", "here", 22, "[::1]:2205 (nobody/here)"},
      {"root", "127.0.0.1", 2201, inside},
      {"alice", "link", 22, "be1 > 169.254.7.7:2202 (alice/link)"},
      {"alice", "169.254.7.7", 2202, "be1 > 169.254.7.7:2202 (alice/link)"},
      {"alice", "169.254.7.7", 80, inside},
      {"alice", "published", 22, "be1 > 10.1.1.11:2203 (alice/published)"},
      {"alice", "10.1.1.11", 2203, "be1 > 10.1.1.11:2203 (alice/published)"},
      {"root", "10.1.1.11", 9100, "10.1.1.11:9100 (be1)"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.host);
    CAPTURE(row.port);
    CHECK(world.leads(row.as, row.host, row.port) == row.leads);
  }
  for (const auto* name : {"pub", "link", "published"}) {
    CAPTURE(name);
    CHECK(world.leads("alice", name, 80).contains("write localhost:80"));
  }
  CHECK(world.leads("alice", "published", 2204) ==
        "published:2204 is somebody else's container; ask its owner to share it with you");
  CHECK(world.leads("alice", "10.1.1.11", 22).contains("users may not connect to be1"));
}

TEST_CASE("accounts in one machine: it is anybody's who has one") {
  DestinationWorld world;
  const std::string others = " is somebody else's container; ask its owner to share it with you";
  world.container("carol", "box", "be1", "10.0.3.7");
  CHECK(world.leads("alice", "10.0.3.7", 22) == "10.0.3.7:22" + others);
  world.container("alice", "box", "be1", "10.0.3.7");
  CHECK(world.leads("alice", "10.0.3.7", 22) == "be1 > 10.0.3.7:22 (alice/box)");
  CHECK(world.leads("alice", "10.0.3.7", 80) == "be1 > 10.0.3.7:80 (alice/box)");
  world.container("carol", "other", "be1", "10.0.3.7", 2202);
  CHECK(world.leads("alice", "10.0.3.7", 22) == "be1 > 10.0.3.7:22 (alice/box)");
  CHECK(world.leads("alice", "10.0.3.7", 80) == "10.0.3.7:80" + others);
  CHECK(world.leads("alice", "10.0.3.7", 2202) == "10.0.3.7:2202" + others);
}

TEST_CASE("a container may be where a name says, however that is written") {
  DestinationWorld world;
  world.container("alice", "named", "be1", "box.example.com");
  // Whose machine that is, and what else is there, nobody has asked a resolver.
  CHECK(world.leads("alice", "box.example.com", 443) == "inside");
  CHECK(world.leads("alice", "named", 443) ==
        "only port 22 of named leads into it; for another one, log in there and write localhost:443");
  CHECK(world.leads("alice", "Box.Example.COM.", 22) == "be1 > box.example.com:22 (alice/named)");
  CHECK(world.leads("alice", "box.example.org", 22) == "inside");
  world.container("carol", "named", "be1", "db.example.com");
  CHECK(world.leads("alice", "DB.example.com", 22) ==
        "db.example.com:22 is somebody else's container; ask its owner to share it with you");
}

TEST_CASE("an address of hers in two networks, and no login that says which") {
  DestinationWorld world;
  world.container("bob", "one", "be1", "10.0.3.9");
  world.container("bob", "two", "be2", "10.0.3.9");
  CHECK(world.leads("bob", "10.0.3.9").contains("write the name of one: one, two"));
}

TEST_CASE("what is reached by a command has no address, and one port") {
  DestinationWorld world;
  world.by_command("alice", "box", "be2", "incus exec box");
  world.by_command("bob", "crate", "be2", "10.0.3.102");
  CHECK(world.leads("alice", "box") == "be2 > `incus exec box` (alice/box)");
  CHECK(world.leads("alice", "box.") == "be2 > `incus exec box` (alice/box)");
  CHECK(world.leads("alice", "box", 80) ==
        "only port 22 of box leads into it; for another one, log in there and write localhost:80");
  CHECK(world.leads("alice", "bob/crate") == "you have no container named bob/crate");
  CHECK(world.leads("alice", "") == "inside");
  CHECK(world.leads("alice", "incus exec box") == "inside");
  // What it says for a command is nobody's address.
  CHECK(world.leads("bob", "10.0.3.102") == world.leads("nobody", "10.0.3.102"));
  CHECK(world.leads("carol", "10.0.3.102") == "be1 > 10.0.3.102:22 (carol/web)");
}

TEST_CASE("a command is run by the backend of the container and no other machine") {
  DestinationWorld world;
  world.backend("here", {}, store::RouteKind::direct);
  world.backend("behind", "be1", store::RouteKind::direct);
  for (const auto* const backend : {"here", "behind"}) {
    world.by_command("alice", backend, backend, "incus exec box");
    CHECK(world.leads("alice", backend) == std::string("backend ") + backend +
                                               " does not let the bastion run the command that leads on from there; "
                                               "tell your administrator");
  }
}

}  // namespace bastion::access
