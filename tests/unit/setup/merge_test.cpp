// A bastion with a directory of its own becomes one of a fleet.
#include <doctest/doctest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/admin/manifest/new_key.h"
#include "bastion/base/sealing_key.h"
#include "bastion/base/whole_file.h"
#include "bastion/config/config.h"
#include "bastion/config/state_dir.h"
#include "bastion/setup/init.h"
#include "bastion/setup/join.h"
#include "bastion/setup/key_files.h"
#include "store/audit.h"
#include "store/fleet/replica.h"
#include "store/keys.h"
#include "store/passwords.h"
#include "store/second_factors.h"
#include "store/users.h"
#include "tests/support/postgres.h"
#include "tests/support/small_world.h"

namespace bastion::setup {
namespace {

namespace fs = std::filesystem;
using store::Database;
using test::must;
using test::refused;

constexpr const char* kRoot = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f root";
constexpr const char* kOther = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA root";

struct Node {
  Node(const fs::path& root, const std::string& name, const std::string& conninfo, const char* key) : state(root) {
    config.state_dir = root;
    must(init(config, "root", key));
    config.fleet = config::Fleet{.database = conninfo, .node = name};
  }
  [[nodiscard]] Database open() const { return must(Database::open(state.database(), Database::Access::change)); }
  [[nodiscard]] std::string text(const fs::path& file) const { return must(read_whole_file(file)); }
  [[nodiscard]] std::int64_t position() const {
    auto database = open();
    return must(store::fleet::Replica::position_of(database)).number;
  }

  config::StateDir state;
  config::Config config;
};

struct TwoNodes {
  TwoNodes() {
    const auto said = must(join(one.config, {}, [] { return Result<std::string>(fail("no key is needed")); }));
    key = said.substr(said.find("join-"));
    auto database = two.open();
    must(database.change([&] {
      const auto id = store::Users(database).add("nina", store::Role::user, 1);
      return store::Keys(database).add(*id, admin::new_key(must(transport::parse_public_key(kOther)), 1));
    }));
    const auto nina = must(store::Users(database).get("nina")).id;
    must(store::Keys(database).mark_used(must(store::Keys(database).of_user(nina)).front().id, 77));
  }

  Result<std::string> merges(std::vector<std::string> renames = {"user:root=root-two"}, bool is_dry_run = false,
                             std::vector<std::pair<std::string, std::string>> keeps = {}) {
    const JoinTerms terms{
        .keys = Keys::as_they_are,
        .merge = {
            .is_wanted = true, .is_dry_run = is_dry_run, .renames = std::move(renames), .keeps = std::move(keeps)}};
    return join(two.config, terms, [&] { return Result<std::string>(key); });
  }

  test::TemporaryFolder folder;
  test::Postgres postgres;
  Node one{folder / "one", "one", postgres.conninfo(), kRoot};
  Node two{folder / "two", "two", postgres.conninfo(), kOther};
  std::string key;
};

// nina has a password, and codes of which some were used; root has a password.
struct TwoNodesWithProofs : TwoNodes {
  const ByteVector secret{1, 2, 3, 4};

  TwoNodesWithProofs() {
    must(make_missing_sealing_key(two.config.state_dir));
    const auto key_here = must(SealingKey::load(two.state.sealing_key()));
    auto database = two.open();
    must(database.change([&]() -> Result<> {
      const auto nina = must(store::Users(database).get("nina")).id;
      must(store::Passwords(database).set(nina, "hash of nina", true, 5));
      must(store::Passwords(database).set(must(store::Users(database).get("root")).id, "hash of root", false, 5));
      store::SecondFactors codes(database);
      must(codes.enroll(nina, must(key_here.seal(secret, "nina")), {test::blob("used"), test::blob("left")}, 6));
      must(codes.note_used(must(codes.of_user(nina))->id, 9));
      CHECK(must(codes.use_recovery_code(nina, test::blob("used"), 7)));
      return {};
    }));
  }
  // As the fleet has it by now.
  std::optional<std::string> password_of(const std::string& user) {
    auto database = two.open();
    const auto password = must(store::Passwords(database).of_user(must(store::Users(database).get(user)).id));
    return password ? std::optional(password->hash) : std::nullopt;
  }
};

}  // namespace

TEST_CASE("join --merge: passwords and one-time codes come along") {
  TwoNodesWithProofs nodes;
  CHECK(must(nodes.merges({"user:root=root-two"}, true)).contains("add one-time-codes nina\n"));
  const auto said = must(nodes.merges());
  CHECK(said.contains("add password nina\n"));
  CHECK(said.contains("add one-time-codes nina\n"));
  CHECK(nodes.password_of("nina") == "hash of nina");
  CHECK(nodes.password_of("root-two") == "hash of root");
  CHECK_FALSE(nodes.password_of("root"));
  auto database = nodes.two.open();
  const auto nina = must(store::Users(database).get("nina")).id;
  const auto password = must(store::Passwords(database).of_user(nina));
  CHECK(password->must_change);
  CHECK(password->set_at == 5);
  store::SecondFactors codes(database);
  const auto enrolled = must(codes.of_user(nina));
  REQUIRE(enrolled);
  CHECK(enrolled->enrolled_at == 6);
  CHECK(enrolled->last_step == 9);
  CHECK(must(codes.recovery_left(nina)) == std::vector<ByteVector>{test::blob("left")});
  // By the key that all of the fleet have.
  const auto key = must(SealingKey::load(nodes.one.state.sealing_key()));
  CHECK(must(key.unseal(enrolled->secret, "nina")) == nodes.secret);
}

TEST_CASE("join --merge: whom the fleet has already is let in by nothing that comes along") {
  TwoNodesWithProofs nodes;
  must(nodes.merges({}, false, {{"fleet", "user:root"}}));
  CHECK_FALSE(nodes.password_of("root"));
  CHECK(nodes.password_of("nina") == "hash of nina");
}

TEST_CASE("join --merge: who takes the place of another one brings what they have, and nothing is left of that one") {
  TwoNodesWithProofs nodes;
  must(nodes.merges({}, false, {{"mine", "user:root"}}));
  CHECK(nodes.password_of("root") == "hash of root");
}

TEST_CASE("join --merge: codes stay behind where there is no key to open them") {
  TwoNodesWithProofs nodes;
  fs::remove(nodes.two.state.sealing_key());
  const auto said = must(nodes.merges());
  CHECK(said.contains("The one-time codes of nina stay behind"));
  CHECK(said.contains("add password nina\n"));
}

TEST_CASE("join --merge: names every collision and changes nothing, until they are resolved") {
  TwoNodes nodes;
  const auto identity = nodes.two.text(nodes.two.state.identity());
  const auto wrong = refused(nodes.merges({}));
  CHECK(wrong.starts_with("nothing was changed: "));
  CHECK(wrong.contains("user:root\n  keys: SHA256:"));
  CHECK(wrong.contains("\n  bastion join --merge --rename user:root=root-two\n"));
  CHECK(must(nodes.merges({"user:root=root-two"}, true)).contains("add user nina: keys 1\n"));
  CHECK(nodes.two.position() == 0);
  CHECK(nodes.one.position() == 1);
  CHECK_FALSE(fs::exists(nodes.two.state.root() / ".joining"));
  CHECK_FALSE(fs::exists(nodes.two.state.root() / "before-merge"));
  CHECK(nodes.two.text(nodes.two.state.identity()) == identity);
}

TEST_CASE("join --merge: the fleet's keys, both directories, and what only this bastion knows") {
  TwoNodes nodes;
  const auto& [here, there] = std::pair(nodes.two.state, nodes.one.state);
  const auto identity = nodes.two.text(here.identity());
  const auto said = must(nodes.merges());
  CHECK(said.contains("add user root-two: keys 1\n"));
  CHECK(said.contains("Administrators of the whole fleet by this: root-two.\n"));
  CHECK(said.contains("root of this bastion logs in as root-two from now on"));
  CHECK(said.contains("Host keys: "));
  CHECK(nodes.two.text(here.identity()) == nodes.one.text(there.identity()));
  CHECK(nodes.two.text(here.old_identity()) == identity);
  const config::StateDir before(here.root() / "before-merge");
  CHECK(nodes.two.text(before.identity()) == identity);
  CHECK(nodes.two.position() == 2);
  auto database = nodes.two.open();
  CHECK(must(store::Users(database).all()).size() == 3);
  const auto nina = must(store::Users(database).get("nina")).id;
  CHECK(must(store::Keys(database).of_user(nina)).front().last_used_at == 77);
  // Its audit is whole.
  const auto rows = must(store::Audit(database).after(0, 10));
  REQUIRE(rows.size() == 2);
  CHECK(rows.front().action == "init");
  CHECK(rows.back().detail == "merged --rename user:root=root-two");
  auto old = must(Database::open(before.database(), Database::Access::change));
  CHECK(must(store::Users(old).find("root-two")) == std::nullopt);
  CHECK(must(nodes.merges()).starts_with("This bastion is one of the fleet already"));
}

TEST_CASE("join --merge: interrupted anywhere it is whole, and goes on") {
  TwoNodes nodes;
  const auto& state = nodes.two.state;
  const auto identity = nodes.two.text(state.identity());
  const auto root = state.root();
  // Between the fleet's keys and the directory.
  fs::create_directory(root / ".before-merge");
  fs::rename(state.host_key_folder(), root / ".before-merge" / "host_keys");
  fs::rename(state.identity_folder(), root / ".before-merge" / "identity");
  fs::create_directory(state.identity_folder());
  CHECK(refused(nodes.merges({})).starts_with("nothing was changed: "));
  CHECK(nodes.two.text(state.identity()) == identity);
  CHECK_FALSE(fs::exists(root / ".before-merge"));
  must(nodes.merges());
  // When everything was done but the last name.
  fs::rename(root / "before-merge", root / ".before-merge");
  CHECK(must(nodes.merges()).starts_with("This bastion is one of the fleet already"));
  // When the fleet had it and this bastion did not: nothing is done twice.
  fs::rename(root / "before-merge", nodes.folder / "again");
  fs::remove_all(root);
  fs::rename(nodes.folder / "again", root);
  must(nodes.merges());
  CHECK(nodes.two.position() == 2);
  // What is kept of an earlier time is not written over.
  fs::rename(root / "before-merge", nodes.folder / "again");
  fs::remove_all(root);
  fs::copy(nodes.folder / "again", root, fs::copy_options::recursive);
  fs::rename(nodes.folder / "again", root / "before-merge");
  CHECK(refused(nodes.merges()).contains("move it away"));
}

}  // namespace bastion::setup
