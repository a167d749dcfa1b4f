// What a listing says about the directory.
#include "bastion/follow/agreement.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

namespace bastion::follow {
namespace {

using store::Container;
using Texts = std::vector<std::string>;

Instance runs(std::string name, std::string address, std::string location = {}, std::string status = "Running") {
  Instance instance{
      .name = std::move(name), .project = "default", .location = std::move(location), .status = std::move(status)};
  if (!address.empty()) {
    instance.cards = {{.name = "eth0", .is_of_profile = true, .address = address}};
    instance.addresses = {address};
  }
  return instance;
}

// be1 is 1, be2 is 2.
struct Directory {
  std::vector<Container> known;
  Reach reach{.source = {}, .own = {1, "be1"}, .members = {}};

  Directory& has(const std::string& full_name, const std::string& address, std::int64_t backend = 1) {
    const auto slash = full_name.find('/');
    Container one;
    one.id = static_cast<std::int64_t>(known.size()) + 1;
    one.owner_name = full_name.substr(0, slash);
    one.name = full_name.substr(slash + 1);
    one.backend = backend;
    one.backend_name = fmt::format("be{}", backend);
    one.address = address;
    one.account = one.owner_name;
    known.push_back(one);
    return *this;
  }
  Directory& is_cluster() {
    reach.source.members = {{"node1", "be1"}, {"node2", "be2"}, {"node3", "be3"}};
    reach.members = {{"node1", {1, "be1"}}, {"node2", {2, "be2"}}};  // there is no be3
    return *this;
  }
  [[nodiscard]] Agreement hears(const std::vector<Instance>& listed) const { return agree(reach, listed, known); }
  [[nodiscard]] Texts moves(const std::vector<Instance>& listed) const {
    Texts texts;
    for (const auto& move : hears(listed).moves) {
      texts.push_back(fmt::format("{} {} {}", move.to.full_name(), move.left(), move.reached()));
    }
    return texts;
  }
  // Of those that are listed: state and drift.
  [[nodiscard]] Texts seen(const std::vector<Instance>& listed) const {
    Texts texts;
    for (const auto& one : hears(listed).seen) {
      texts.push_back(fmt::format("{} {}{}", known[static_cast<std::size_t>(one.container) - 1].full_name(), one.state,
                                  one.drift.empty() ? "" : ": " + one.drift));
    }
    return texts;
  }
};

}  // namespace

TEST_CASE("agreement: what has another address moves, and what has not stays") {
  const auto two = Directory().has("alice/web", "10.0.3.5").has("bob/db", "10.0.3.6");
  const std::vector listed{runs("web", "10.0.3.7"), runs("db", "10.0.3.6"), runs("nobodys", "10.0.3.8")};
  CHECK(two.moves(listed) == Texts{"alice/web be1/10.0.3.5:22 be1/10.0.3.7:22"});
  CHECK(two.seen(listed) == Texts{"alice/web running", "bob/db running"});
  CHECK(two.hears(listed).missing.empty());
  CHECK(two.hears({}).missing == std::vector<std::int64_t>{1, 2});
  CHECK(two.hears({}).moves.empty());
}

TEST_CASE("agreement: one that does not run keeps its address, unless it will have another one") {
  const auto one = Directory().has("alice/web", "10.0.3.5");
  CHECK(one.seen({runs("web", "", "", "Stopped")}) == Texts{"alice/web stopped"});
  CHECK(one.moves({runs("web", "", "", "Stopped")}).empty());
  CHECK(one.moves({runs("web", "10.0.3.9", "", "Stopped")}).size() == 1);
  CHECK(one.seen({runs("web", "", "", "Frozen")}) == Texts{"alice/web frozen"});
  CHECK(one.seen({runs("web", "", "", "Error")}) == Texts{"alice/web error"});
  CHECK(one.seen({runs("web", "", "", "\x1b[31mBad")}) == Texts{"alice/web other"});
  CHECK(one.seen({runs("web", "")}) == Texts{"alice/web running: no network card of its own has an address"});
}

TEST_CASE("agreement: of several cards the one that was said counts") {
  auto one = Directory().has("alice/web", "10.0.3.5");
  auto both = runs("web", "10.0.3.5");
  both.cards = {{.name = "eth1", .address = "10.9.0.5"}, {.name = "eth2", .address = "10.0.3.7"}};
  CHECK(one.seen({both}) == Texts{"alice/web running: several network cards have an address: eth1 (10.9.0.5), eth2 "
                                  "(10.0.3.7); --interface says which one counts"});
  one.reach.source.interface = "eth2";
  CHECK(one.moves({both}) == Texts{"alice/web be1/10.0.3.5:22 be1/10.0.3.7:22"});
}

TEST_CASE("agreement: whoever has another account in that machine goes along") {
  const auto two = Directory().has("alice/web", "10.0.3.5").has("bob/hers", "10.0.3.5");
  CHECK(two.moves({runs("web", "10.0.3.7")}) ==
        Texts{"alice/web be1/10.0.3.5:22 be1/10.0.3.7:22", "bob/hers be1/10.0.3.5:22 be1/10.0.3.7:22"});
}

TEST_CASE("agreement: of two of a name the one counts that is where it is listed, and else none") {
  const auto two = Directory().has("alice/web", "10.0.3.5").has("bob/web", "10.0.3.6");
  CHECK(two.moves({runs("web", "10.0.3.5")}).empty());
  CHECK(two.seen({runs("web", "10.0.3.5")}) ==
        Texts{"alice/web running",
              "bob/web : it cannot be told whether the instance web is this one or another of that name"});
  CHECK(two.moves({runs("web", "10.0.3.7")}).empty());
  CHECK(two.seen({runs("web", "10.0.3.7")}).size() == 2);
  const auto one = Directory().has("alice/web", "10.0.3.5");
  CHECK(one.moves({runs("web", "10.0.3.7"), runs("web", "10.0.3.8")}).empty());
}

TEST_CASE("agreement: nothing goes where somebody stays, and whoever changes places does") {
  const auto two = Directory().has("alice/web", "10.0.3.5").has("bob/db", "10.0.3.6");
  CHECK(two.moves({runs("web", "10.0.3.6")}).empty());
  CHECK(two.seen({runs("web", "10.0.3.6")}) ==
        Texts{"alice/web running: it is at 10.0.3.6 on backend be1, where bob/db is already"});
  CHECK(two.moves({runs("web", "10.0.3.6"), runs("db", "10.0.3.5")}).size() == 2);
  CHECK(two.moves({runs("web", "10.0.3.9"), runs("db", "10.0.3.9")}).empty());
  // alice waits for bob, who waits for carol, who stays.
  const auto three = Directory().has("alice/web", "10.0.3.5").has("bob/db", "10.0.3.6").has("carol/ci", "10.0.3.7");
  CHECK(three.moves({runs("web", "10.0.3.6"), runs("db", "10.0.3.7"), runs("ci", "10.0.3.7")}).empty());
  CHECK(three.moves({runs("web", "10.0.3.6"), runs("db", "10.0.3.7"), runs("ci", "10.0.3.8")}).size() == 3);
}

TEST_CASE("agreement: an address that every machine has for itself is nobody's") {
  const auto one = Directory().has("alice/web", "10.0.3.5");
  for (const auto* address : {"127.0.0.1", "::1", "0.0.0.0", "169.254.169.254", "fe80::1", "::ffff:127.0.0.1"}) {
    CAPTURE(address);
    CHECK(one.moves({runs("web", address)}).empty());
    CHECK(one.seen({runs("web", address)}).front().contains("is one that every machine has for itself"));
  }
}

TEST_CASE("agreement: a command, a name and an address of the host's own are left as they are") {
  auto command = Directory().has("alice/web", "");
  command.known.front().command = "incus exec other -- /usr/sbin/sshd -i";
  CHECK(command.moves({runs("other", "10.0.3.7")}).empty());
  CHECK(command.seen({runs("other", "10.0.3.7"), runs("web", "10.0.3.8")}) == Texts{"alice/web running"});
  CHECK(command.hears({runs("web", "10.0.3.8")}).missing.size() == 1);
  for (const auto* address : {"web.lxd", "127.0.0.1"}) {
    const auto one = Directory().has("alice/web", address);
    CHECK(one.moves({runs("web", "10.0.3.7")}).empty());
    CHECK(one.seen({runs("web", "10.0.3.7")}) == Texts{"alice/web running"});
  }
}

TEST_CASE("agreement: in a cluster what runs on another member is behind another backend") {
  const auto one = Directory().has("alice/web", "10.0.3.5").is_cluster();
  CHECK(one.moves({runs("web", "10.0.3.5", "node1")}).empty());
  CHECK(one.moves({runs("web", "10.0.3.5", "node2")}) == Texts{"alice/web be1/10.0.3.5:22 be2/10.0.3.5:22"});
  for (const auto* elsewhere : {"node3", "node4"}) {
    CHECK(one.moves({runs("web", "10.0.3.7", elsewhere)}).empty());
    CHECK(one.seen({runs("web", "10.0.3.7", elsewhere)}) ==
          Texts{fmt::format("alice/web running: it runs on {}, and no --map says which backend that is", elsewhere)});
  }
  // Of no cluster, and of one of which nothing was said: all of it is behind the backend that was asked.
  CHECK(one.moves({runs("web", "10.0.3.7", "none")}) == Texts{"alice/web be1/10.0.3.5:22 be1/10.0.3.7:22"});
  CHECK(Directory().has("alice/web", "10.0.3.5").moves({runs("web", "10.0.3.7", "node2")}).size() == 1);
}

TEST_CASE("agreement: what is in another project is not listed") {
  auto one = Directory().has("alice/web", "10.0.3.5");
  one.reach.source.project = "b";
  CHECK(one.hears({runs("web", "10.0.3.7")}).missing.size() == 1);
  one.reach.source.project = "default";
  CHECK(one.moves({runs("web", "10.0.3.7")}).size() == 1);
}

TEST_CASE("agreement: a long row of containers that wait for each other comes to an end") {
  Directory many;
  std::vector<Instance> listed;
  for (int i = 0; i < 1000; ++i) {
    many.has(fmt::format("alice/c{}", i), fmt::format("10.1.{}.{}", i / 250, i % 250 + 1));
    listed.push_back(runs(fmt::format("c{}", i), fmt::format("10.1.{}.{}", (i + 1) / 250, (i + 1) % 250 + 1)));
  }
  CHECK(many.moves(listed).size() == 1000);
  listed.pop_back();  // the last one stays where it is
  CHECK(many.moves(listed).empty());
}

}  // namespace bastion::follow
