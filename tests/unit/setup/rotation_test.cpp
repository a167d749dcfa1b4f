#include "bastion/setup/rotation.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "bastion/config/config.h"
#include "bastion/config/state_dir.h"
#include "bastion/setup/check.h"
#include "bastion/setup/init.h"
#include "bastion/setup/key_files.h"
#include "store/accepted_identities.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/users.h"
#include "tests/support/small_world.h"

namespace bastion::setup {
namespace {

using store::HostKeyOwner;
using test::must;
using test::refused;

// A bastion that has been set up, with a backend and a container.
struct RotationSite {
  test::TemporaryFolder folder;
  config::Config config;
  config::StateDir state{folder / "state"};
  std::int64_t be1 = 0;
  std::int64_t web = 0;

  RotationSite() {
    config.state_dir = state.root();
    must(init(config));
    auto database = opened();
    const auto alice = must(store::Users(database).add("alice", store::Role::user, 1));
    store::Backend backend;
    backend.name = "be1";
    backend.host = "10.1.1.11";
    backend.account = "hop";
    be1 = must(store::Backends(database).add(backend));
    store::Container container;
    container.name = "web";
    container.owner = alice;
    container.backend = be1;
    container.address = "10.0.3.7";
    container.account = "alice";
    web = must(store::Containers(database).add(container));
  }
  [[nodiscard]] store::Database opened() const {
    return must(store::Database::open(config.database(), store::Database::Access::change));
  }
  [[nodiscard]] std::vector<PublicKey> keys() const {
    return transport::public_halves(must(load_key_files(state.root())).identity).keys;
  }
  void takes(const HostKeyOwner& owner, const char* account, const PublicKey& key) const {
    auto database = opened();
    must(store::AcceptedIdentities(database).note(owner, account, key.blob, 2));
  }
  [[nodiscard]] std::vector<std::string> warnings() const {
    std::vector<std::string> texts;
    for (const auto& finding : check(config)) {
      CHECK_MESSAGE(finding.good, finding.text);
      if (finding.warns) texts.push_back(finding.text);
    }
    return texts;
  }
};

using Texts = std::vector<std::string>;

TEST_CASE("another identity key is made beside the old one, which stays until nothing needs it") {
  const RotationSite site;
  const auto before = site.keys();
  REQUIRE(before.size() == 1);
  CHECK(refused(finish_rotation(site.config, Need::matters)) == "there is no old identity key");

  const auto said = must(rotate_identity(site.config));
  const auto during = site.keys();
  REQUIRE(during.size() == 2);
  CHECK(during[0] != before[0]);
  CHECK(during[1] == before[0]);
  CHECK(said.starts_with(transport::to_line(during[0], "bastion") + "\n"));
  CHECK_FALSE(std::filesystem::exists(site.state.next_identity()));
  CHECK(refused(rotate_identity(site.config)).find("there is an old key already") != std::string::npos);
  CHECK(site.keys() == during);

  const auto backend = HostKeyOwner::of_backend(site.be1);
  const auto container = HostKeyOwner::of_container(site.web);
  CHECK(site.warnings() ==
        Texts{"backend be1 was not logged in to since", "container alice/web was not logged in to since"});
  site.takes(backend, "hop", during[1]);
  site.takes(container, "alice", during[0]);
  CHECK(site.warnings() == Texts{"backend be1 takes only the old key"});
  CHECK(refused(finish_rotation(site.config, Need::matters)) ==
        "the old key may be needed: backend be1 takes only the old key; --yes removes it all the same");
  CHECK(site.keys() == during);

  site.takes(backend, "hop", during[0]);
  CHECK(site.warnings() == Texts{});
  CHECK(must(finish_rotation(site.config, Need::matters)).find("removed") != std::string::npos);
  CHECK(site.keys() == std::vector{during[0]});
}

TEST_CASE("an old key goes by an administrator's word too") {
  const RotationSite site;
  must(rotate_identity(site.config));
  must(finish_rotation(site.config, Need::is_no_matter));
  CHECK(site.keys().size() == 1);
}

TEST_CASE("a rotation that was interrupted has lost no key, and goes on") {
  const RotationSite site;
  const auto before = site.keys();
  // The old name was given, and the new one was not.
  std::filesystem::create_hard_link(site.state.identity(), site.state.old_identity());
  site.folder.write("state/identity/.next", "half a key");
  CHECK(site.keys() == before);
  must(rotate_identity(site.config));
  const auto after = site.keys();
  REQUIRE(after.size() == 2);
  CHECK(after[1] == before[0]);
}

TEST_CASE("what has another account since, or asks for a certificate, has taken no key") {
  const RotationSite site;
  must(rotate_identity(site.config));
  const auto keys = site.keys();
  site.takes(HostKeyOwner::of_backend(site.be1), "other", keys[0]);
  site.takes(HostKeyOwner::of_container(site.web + 7), "alice", keys[0]);  // gone meanwhile
  CHECK(site.warnings().front() == "backend be1 was not logged in to since");
  auto database = site.opened();
  auto backend = must(store::Backends(database).get("be1"));
  backend.presents = store::Presented::certificate;
  must(store::Backends(database).update(backend));
  CHECK(site.warnings() == Texts{"container alice/web was not logged in to since"});
}

}  // namespace
}  // namespace bastion::setup
