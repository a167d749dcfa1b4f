#include "bastion/setup/init.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "bastion/config/config.h"
#include "bastion/config/state_dir.h"
#include "bastion/setup/check.h"
#include "bastion/setup/key_files.h"
#include "store/users.h"
#include "tests/support/small_world.h"

namespace bastion::setup {
namespace {

using test::must;
using test::refused;

constexpr const char* kKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f root";
constexpr const char* kOtherKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA";

struct Site {
  test::TemporaryFolder folder;
  config::Config config;
  config::StateDir state{folder / "state"};

  Site() { config.state_dir = state.root(); }
  [[nodiscard]] std::string first_bad() const {
    const auto snapshot = check(config);
    const auto bad = std::ranges::find(snapshot, false, &Finding::good);
    return bad == snapshot.end() ? "" : bad->text;
  }
};

}  // namespace

TEST_CASE("init makes all that serving needs, and is safe to repeat") {
  const Site site;
  const auto first = must(init(site.config, "root", kKey));
  CHECK(first.find("administrator root: added, with key SHA256:") != std::string::npos);
  CHECK(site.first_bad().empty());
  const auto keys = must(load_key_files(site.config.state_dir));
  REQUIRE(keys.host_keys.size() == 3);
  CHECK(keys.host_keys.front().public_key().type == "ssh-ed25519");

  const auto second = must(init(site.config, "root", kKey));
  CHECK(second.find(": made") == std::string::npos);
  CHECK(second.find(
            "administrator root: was there, with this key\nEverything was there already, and nothing was changed.\n") !=
        std::string::npos);
  CHECK(first.find("nothing was changed") == std::string::npos);
  CHECK(must(load_key_files(site.config.state_dir)).identity.public_key() == keys.identity.public_key());

  CHECK(must(init(site.config, "root", kOtherKey)).find("administrator root: added, with key") != std::string::npos);
}

TEST_CASE("init makes nothing of what cannot be right") {
  const Site site;
  CHECK(refused(init(site.config, "Root", kKey)).starts_with("\"Root\" cannot be a name"));
  CHECK(refused(init(site.config, "root", "not a key")).starts_with("this is not a public key"));
  CHECK(refused(init(site.config, "root", "/nowhere/key.pub")) == "/nowhere/key.pub: No such file or directory");
  CHECK_FALSE(std::filesystem::exists(site.state.root()));
}

TEST_CASE("init does not make an administrator of somebody who is none") {
  const Site site;
  must(init(site.config, "root", kKey));
  auto database = must(store::Database::open(site.state.database(), store::Database::Access::change));
  must(store::Users(database).add("alice", store::Role::user, 0));
  CHECK(refused(init(site.config, "alice", kKey)) == "user alice is there already, and is no administrator");
}

TEST_CASE("check says what is missing and what is open to others") {
  const Site site;
  CHECK(site.first_bad() == site.state.root().string() + ": No such file or directory");
  must(init(site.config, "root", kKey));
  ::chmod(site.state.root().c_str(), 0755);
  CHECK(site.first_bad() == site.state.root().string() + ": others have access (mode 0755); chmod go= it");
  ::chmod(site.state.root().c_str(), 0700);
  ::chmod(site.state.identity().c_str(), 0644);
  CHECK(site.first_bad().starts_with(site.state.identity().string() + ": others may read this private key"));
  ::chmod(site.state.identity().c_str(), 0600);
  ::chmod(site.state.database().c_str(), 0640);
  CHECK(site.first_bad().ends_with(": others have access (mode 0640); chmod go= it"));
  ::chmod(site.state.database().c_str(), 0600);
  std::filesystem::remove(site.state.host_keys().back());
  CHECK(site.first_bad() == site.state.host_keys().back().string() + ": No such file or directory");
}

TEST_CASE("what root makes belongs to the owner of the state directory") {
  if (::geteuid() != 0) return;
  constexpr uid_t kNobody = 65534;
  const Site site;
  REQUIRE(::mkdir(site.state.root().c_str(), 0700) == 0);
  REQUIRE(::chown(site.state.root().c_str(), kNobody, kNobody) == 0);
  must(init(site.config, "root", kKey));
  auto database = must(store::Database::open(site.state.database(), store::Database::Access::change));
  must(store::Users(database).add("alice", store::Role::user, 0));
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(site.state.root())) {
    CAPTURE(entry.path().string());
    struct stat status{};
    REQUIRE(::stat(entry.path().c_str(), &status) == 0);
    CHECK(status.st_uid == kNobody);
    ++files;
  }
  CHECK(files == 9);  // the database with its two side files, two folders, four keys
}

}  // namespace bastion::setup
