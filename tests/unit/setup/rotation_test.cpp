#include "bastion/setup/rotation.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "bastion/base/whole_file.h"
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
TEST_CASE("another CA is made beside the one that signs, and signs when it is finished") {
  const RotationSite site;
  const auto identity = [&] { return transport::public_halves(must(load_key_files(site.state.root())).identity); };
  const auto before = identity();
  CHECK(before.next_ca.blob.empty());
  CHECK(refused(finish_ca_rotation(site.config, Need::is_no_matter)) == "there is no new CA");

  const auto said = must(rotate_ca(site.config));
  const auto both = identity();
  CHECK(both.ca == before.ca);
  CHECK(both.keys == before.keys);
  CHECK(both.next_ca.type == "ssh-ed25519");
  CHECK(said.starts_with(transport::to_line(both.next_ca, "bastion-ca") + "\n"));
  CHECK(site.warnings() ==
        std::vector<std::string>{"the new CA signs nothing before `bastion identity rotate --ca --finish`"});
  CHECK(refused(rotate_ca(site.config)).contains("there is a new CA already"));
  CHECK(identity().next_ca == both.next_ca);

  must(finish_ca_rotation(site.config, Need::matters));
  CHECK(identity().ca == both.next_ca);
  CHECK(identity().next_ca.blob.empty());
  CHECK(site.warnings().empty());
}

TEST_CASE("another CA does not sign unasked where somebody has to trust it, nor when its file is wrong") {
  const RotationSite site;
  must(rotate_ca(site.config));
  {
    auto database = site.opened();
    store::Backends backends(database);
    auto backend = must(backends.get("be1"));
    backend.presents = store::Presented::certificate;
    must(backends.update(backend));
    store::Containers containers(database);
    auto container = must(containers.all()).front();
    container.presents = store::Presented::certificate;
    must(containers.update(container));
  }
  CHECK(refused(finish_ca_rotation(site.config, Need::matters)) ==
        "these have to trust the new CA, and whether they do is not known here: backend be1, container alice/web; "
        "--yes lets it sign");
  const auto good = must(read_whole_file(site.state.next_ca()));
  site.folder.write("state/identity/ca.next", "no key");
  CHECK(refused(finish_ca_rotation(site.config, Need::is_no_matter))
            .ends_with("this is not a private key without a passphrase"));
  site.folder.write("state/identity/ca.next", good);
  must(finish_ca_rotation(site.config, Need::is_no_matter));
  // One that was cut off is begun again.
  site.folder.write("state/identity/.ca", "half");
  must(rotate_ca(site.config));
  CHECK_FALSE(std::filesystem::exists(site.state.unfinished_ca()));
}

}  // namespace bastion::setup
