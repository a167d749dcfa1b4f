#include "bastion/setup/init.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

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
  CHECK(must(load_key_files(site.config.state_dir)).identity.keys.front().public_key() ==
        keys.identity.keys.front().public_key());

  CHECK(must(init(site.config, "root", kOtherKey)).find("administrator root: added, with key") != std::string::npos);
}

TEST_CASE("init without an administrator makes the rest, and says what makes the first one") {
  Site site;
  site.config.listen = {{"10.0.0.1", 22}, {"fd00::1", 2222}};
  const auto first = must(init(site.config));
  CHECK(site.first_bad().empty());
  CHECK(first.contains("\nIt listens on 10.0.0.1:22, [fd00::1]:2222.\nNobody can log in yet."));
  CHECK(first.contains("bastion init --admin you --key \"ssh-ed25519 AAAA...\"\n"));
  CHECK(first.ends_with("ssh -p 22 you@THIS-HOST\n"));
  CHECK(must(init(site.config)).contains("nothing was changed.\n\nIt listens on 10.0.0.1:22"));
  must(init(site.config, "root", kKey));
  CHECK(must(init(site.config)).ends_with("It listens on 10.0.0.1:22, [fd00::1]:2222.\n"));
}

TEST_CASE("init makes nothing of what cannot be right") {
  const Site site;
  CHECK(refused(init(site.config, "9root", kKey)).starts_with("\"9root\" cannot be a user"));
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

TEST_CASE("host keys: under the name of their type they are presented, under any other they are announced") {
  const Site site;
  must(init(site.config, "root", kKey));
  const auto folder = site.state.host_key_folder();
  const auto types = [&](std::string_view algorithms = {}) {
    std::vector<std::string> found;
    for (const auto& key : must(load_key_files(site.config.state_dir, algorithms)).host_keys) {
      found.push_back(key.public_key().type);
    }
    return found;
  };
  using Types = std::vector<std::string>;
  using Kind = transport::KeyPair::Kind;
  must(must(transport::KeyPair::generate(Kind::rsa)).save(folder / "rsa.old"));
  must(must(transport::KeyPair::generate(Kind::ed25519)).save(folder / "ed25519.next"));
  site.folder.write("state/host_keys/ed25519.next.pub", "no private key");
  site.folder.write("state/host_keys/.ed25519.swp", "no key at all");
  CHECK(types() == Types{"ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", "ssh-ed25519", "ssh-rsa"});
  CHECK(types("ecdsa-sha2-nistp256,ssh-ed25519") == Types{"ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-ed25519"});
  CHECK(refused(load_key_files(site.config.state_dir, "ecdsa-sha2-nistp384"))
            .ends_with("host_key_algorithms leaves none of the host keys that are presented"));
  CHECK(site.first_bad().empty());

  // What is presented next is what was announced before.
  const auto next = must(transport::KeyPair::load(folder / "ed25519.next")).public_key();
  std::filesystem::rename(folder / "ed25519", folder / "ed25519.old");
  CHECK(refused(load_key_files(site.config.state_dir)) ==
        (folder / "ed25519").string() + ": No such file or directory");
  std::filesystem::rename(folder / "ed25519.next", folder / "ed25519");
  CHECK(must(load_key_files(site.config.state_dir)).host_keys.front().public_key() == next);
  CHECK(types().size() == 5);

  std::filesystem::rename(folder / "ed25519", folder / "x");
  std::filesystem::rename(folder / "rsa.old", folder / "ed25519");
  const auto misnamed =
      (folder / "ed25519").string() + ": this is a key of the type ssh-rsa, which is not what its name says";
  CHECK(refused(load_key_files(site.config.state_dir)) == misnamed);
  CHECK(site.first_bad() == misnamed);
  std::filesystem::rename(folder / "x", folder / "ed25519");
  ::chmod((folder / "ed25519.old").c_str(), 0644);
  CHECK(refused(load_key_files(site.config.state_dir))
            .starts_with((folder / "ed25519.old").string() + ": others may read"));
  std::filesystem::remove(folder / "ed25519.old");
  for (int i = 0; i < 13; ++i) site.folder.write("state/host_keys/" + std::to_string(i), "");
  CHECK(refused(load_key_files(site.config.state_dir)).contains("there are more than 12 host keys"));
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
  CHECK(files == 11);  // the database with its two side files, two folders, four keys
}

}  // namespace bastion::setup
