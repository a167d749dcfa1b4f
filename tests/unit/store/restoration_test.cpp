// Backups: made beside writers, looked at before they are used, and put back by name.
#include "store/restoration.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <vector>

#include "bastion/base/fingerprint.h"
#include "store/backup.h"
#include "store/migrations.h"
#include "store/permissions.h"
#include "store/sessions.h"
#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

namespace fs = std::filesystem;
using test::blob;
using test::must;
using test::refused;
using test::SmallWorld;
using Lines = std::vector<std::string>;

struct Site : SmallWorld {
  fs::path copy = folder / "copy.db";

  // Everything that a backup brings back, in names.
  Lines directory() {
    Lines lines;
    for (const auto* sql :
         {"SELECT 'user ' || name || ' ' || role || ' ' || ifnull(disabled_at, '-') || ' ' || options FROM users"
          " ORDER BY 1",
          "SELECT 'key ' || u.name || ' ' || k.fingerprint || ' ' || k.comment || ' ' || ifnull(k.expires_at, '-')"
          " FROM user_keys k JOIN users u ON u.id = k.user ORDER BY 1",
          "SELECT 'backend ' || b.name || ' ' || b.host || ' ' || ifnull(v.name, '-') || ' ' || b.state || ' ' || "
          "b.identity"
          " FROM backends b LEFT JOIN backends v ON v.id = b.via ORDER BY 1",
          "SELECT 'container ' || o.name || '/' || c.name || ' ' || b.name || ' ' || c.address || ' ' || c.is_default"
          " || ' ' || c.identity"
          " FROM containers c JOIN users o ON o.id = c.owner JOIN backends b ON b.id = c.backend ORDER BY 1",
          "SELECT 'share ' || c.name || ' ' || u.name || ' ' || ifnull(s.expires_at, '-')"
          " FROM shares s JOIN containers c ON c.id = s.container JOIN users u ON u.id = s.user ORDER BY 1",
          "SELECT 'group ' || g.name || ' ' || g.created_at FROM user_groups g ORDER BY 1",
          "SELECT 'member ' || g.name || ' ' || u.name FROM group_members m JOIN user_groups g ON g.id = m.user_group"
          " JOIN users u ON u.id = m.user ORDER BY 1",
          "SELECT 'group share ' || c.name || ' ' || g.name || ' ' || ifnull(s.expires_at, '-') FROM group_shares s"
          " JOIN user_groups g ON g.id = s.user_group JOIN containers c ON c.id = s.container ORDER BY 1",
          "SELECT 'serves ' || b.name || ' ' || g.name FROM backend_groups s JOIN user_groups g ON g.id = s.user_group"
          " JOIN backends b ON b.id = s.backend ORDER BY 1",
          "SELECT 'host key ' || b.name || ' ' || ifnull(h.address, '-') || ' ' || h.origin || ' ' || hex(h.blob)"
          " FROM host_keys h JOIN backends b ON b.id = h.backend ORDER BY 1"}) {
      for (auto& line : must(Statement(database, sql).all([](const Row& row) { return row.text(0); }, {}))) {
        lines.push_back(std::move(line));
      }
    }
    return lines;
  }
  std::int64_t web() { return must(containers.named("web")).front().id; }
  std::int64_t generation() { return must(Permissions(database).generation()); }

  void opened(std::string_view id, std::string_view who) {
    must(Sessions(database).open({.id = std::string(id),
                                  .user = std::string(who),
                                  .from_host = "10.1.0.2",
                                  .key_fingerprint = "",
                                  .container = "",
                                  .route = ""}));
  }

  Site& furnished() {
    for (const auto* name : {"alice", "bob"}) user(name);
    key("alice", "A");
    key("alice", "B", kNow + 10);
    key("bob", "A");
    backend("be1");
    backend("be2", "be1");
    default_container("alice", "web", "be1", "10.0.3.1");
    container("alice", "db", "be2", "10.0.3.1");
    container("bob", "web", "be1", "10.0.3.2");
    must(shares.add(web(), id_of("bob"), kNow + 5));
    auto account = describe("bob", "in-alices", "be1", "10.0.3.1");
    account.account = "guest";
    must(containers.add(account));
    must(host_keys.learn(HostKeyOwner::of_container(web()), test::blob("learned"), kNow));
    must(host_keys.pin(HostKeyOwner::of_backend(must(backends.get("be2")).id), test::blob("pinned"), kNow));
    must(audit.add({.at = 1, .actor = "root", .action = "user add", .subject = "alice", .outcome = "done"}));
    opened("past", "alice");
    must(Sessions(database).close({.id = "past", .at = 3, .reason = "ok"}));
    opened("running", "alice");
    return *this;
  }
  void save() { must(write_backup(file, copy)); }
  Result<> tries_to_restore(const fs::path& from) {
    auto restoration = Restoration::prepare(database, from);
    if (!restoration) return std::unexpected(restoration.error());
    return database.change([&] { return (*restoration)->run(); });
  }
  void restore(const fs::path& from) { must(tries_to_restore(from)); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(file.parent_path()), {}));
  }
};

}  // namespace

TEST_CASE("a backup is a database of its own, for its owner only") {
  Site site;
  site.furnished().save();
  struct stat status{};
  REQUIRE(::stat(site.copy.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  auto copy = must(Database::look_into(site.copy));
  must(copy.check_integrity());
  CHECK(must(take_inventory(copy)) == must(take_inventory(site.database)));
  CHECK(must(take_inventory(copy)) ==
        Inventory{.users = 2, .keys = 3, .backends = 2, .containers = 4, .last_entry_at = 1});
}

TEST_CASE("a backup overwrites nothing, and leaves nothing behind when it fails") {
  Site site;
  site.folder.write("copy.db", "a letter");
  const auto before = site.files();
  CHECK(refused(write_backup(site.file, site.copy)).ends_with("is there already; a backup overwrites nothing"));
  CHECK(test::TemporaryFolder::read(site.copy) == "a letter");
  CHECK(refused(write_backup(site.file, "/nowhere/copy.db")) == "/nowhere/copy.db: No such file or directory");
  CHECK_FALSE(write_backup(site.folder / "missing.db", site.folder / "other.db"));
  CHECK(site.files() == before);
}

TEST_CASE("a change that is under way is not in a backup, and goes on") {
  Site site;
  must(site.database.change([&]() -> Result<> {
    site.user("alice");
    site.save();
    return {};
  }));
  CHECK(must(site.users.find("alice")));
  auto copy = must(Database::look_into(site.copy));
  CHECK(must(take_inventory(copy)).users == 0);
}

TEST_CASE("what was there comes back, and what was not goes") {
  Site site;
  const auto wanted = site.furnished().directory();
  site.save();
  // Everything that can be otherwise: gone, new, changed, in another's place.
  must(site.containers.remove(must(site.containers.named("db")).front().id));
  must(site.users.remove(site.user("carol")));
  site.user("dave");
  site.key("dave", "D");
  site.key("bob", "C");
  must(site.keys.remove(site.id_of("alice"), "SHA256:B"));
  auto webs = must(site.containers.named("web"));
  must(site.database.change([&]() -> Result<> {
    auto parked = webs[0];
    parked.address = "10.9.9.9";
    must(site.containers.update(parked));
    std::swap(webs[0].address, webs[1].address);
    must(site.containers.update(webs[1]));
    return site.containers.update(webs[0]);
  }));
  site.default_container("alice", "new", "be1", "10.0.3.7");
  site.backend("be0");
  auto be1 = must(site.backends.get("be1"));
  auto be2 = must(site.backends.get("be2"));
  be2.via = std::nullopt;
  must(site.backends.update(be2));
  be1.via = be2.id;
  must(site.backends.update(be1));
  must(site.users.disable(site.id_of("alice"), 7));
  must(site.shares.add(site.web(), site.id_of("dave"), std::nullopt));
  must(site.host_keys.pin_too(HostKeyOwner::of_container(site.web()), test::blob("other"), 1));
  must(site.host_keys.refuse(HostKeyOwner::of_container(site.web()), test::blob("refused"), 1));
  must(site.host_keys.refuse(HostKeyOwner::of_backend(must(site.backends.get("be1")).id), test::blob("refused"), 1));
  CHECK(site.directory() != wanted);
  site.restore(site.copy);
  CHECK(must(site.host_keys.all_refused()).empty());
  CHECK(site.directory() == wanted);
  must(site.database.check_integrity());
}

TEST_CASE("what is called the same keeps its id, and sessions are measured again") {
  Site site;
  site.furnished().save();
  const auto alice = site.id_of("alice");
  const auto web = site.web();
  const auto key = must(site.keys.of_user(alice)).front().id;
  const auto carol = site.user("carol");
  const auto before = site.generation();
  site.restore(site.copy);
  CHECK(site.generation() > before);
  CHECK(site.id_of("alice") == alice);
  CHECK(site.web() == web);
  CHECK(must(site.keys.of_user(alice)).front().id == key);
  CHECK(site.user("erin") > carol);
}

TEST_CASE("CAs for users come back as they were, and what was revoked since stays so") {
  Site site;
  must(site.cas.add(
      {.name = "corp", .blob = blob("corp"), .principals = "user", .roles = "user", .comment = "c", .added_at = 1}));
  must(site.cas.add({.name = "ops", .blob = blob("ops"), .principals = "ops-*=alice", .comment = "", .added_at = 2}));
  CHECK(must(site.revocations.add({.ca = {}, .value = sha256_fingerprint(blob("before")), .added_at = 3})));
  site.save();
  CHECK(must(site.cas.remove("ops")));
  CHECK(must(site.cas.remove("corp")));
  must(site.cas.add({.name = "ops", .blob = blob("corp"), .principals = "user,x=bob", .comment = "", .added_at = 4}));
  must(site.cas.add({.name = "corp", .blob = blob("new"), .principals = "user", .comment = "", .added_at = 5}));
  CHECK(must(site.revocations.add({.ca = {}, .value = sha256_fingerprint(blob("since")), .added_at = 6})));
  site.restore(site.copy);
  const auto cas = must(site.cas.all());
  REQUIRE(cas.size() == 2);
  CHECK(cas[0].name == "corp");
  CHECK(cas[0].blob == blob("corp"));
  CHECK(cas[0].principals == "user");
  CHECK(cas[0].roles == "user");
  CHECK(cas[1].name == "ops");
  CHECK(cas[1].blob == blob("ops"));
  CHECK(must(site.revocations.is_revoked(blob("before"))));
  CHECK(must(site.revocations.is_revoked(blob("since"))));
}

TEST_CASE("codes come back to who has none, and a recovery code that was used since stays so") {
  Site other;
  other.furnished();
  const auto old = other.id_of("alice");
  must(other.second_factors.enroll(old, blob("alice's"), {blob("one"), blob("two")}, 1));
  CHECK(must(other.second_factors.use_recovery_code(old, blob("two"), 2)));
  must(other.second_factors.enroll(other.id_of("bob"), blob("bob's"), {blob("three")}, 1));
  other.save();

  Site site;
  site.user("zoe");  // has the id that alice has there
  must(site.second_factors.enroll(site.user("bob"), blob("bob's new"), {blob("four")}, 3));
  site.restore(other.copy);
  const auto alice = site.id_of("alice");
  const auto bob = site.id_of("bob");
  CHECK(must(site.second_factors.of_user(alice))->secret == blob("alice's"));
  CHECK(must(site.second_factors.recovery_codes_left(alice)) == 1);
  CHECK(must(site.second_factors.of_user(bob))->secret == blob("bob's new"));
  CHECK(must(site.second_factors.use_recovery_code(bob, blob("four"), 4)));
  CHECK_FALSE(must(site.second_factors.use_recovery_code(bob, blob("three"), 4)));

  CHECK(must(site.second_factors.use_recovery_code(alice, blob("one"), 5)));
  site.restore(other.copy);
  CHECK(must(site.second_factors.recovery_codes_left(alice)) == 0);
}

TEST_CASE("passwords come back to who has none") {
  Site other;
  other.furnished();
  must(other.passwords.set(other.id_of("alice"), "alice's", true, 1));
  must(other.passwords.set(other.id_of("bob"), "bob's", false, 1));
  other.save();

  Site site;
  site.user("zoe");  // has the id that alice has there
  must(site.passwords.set(site.user("bob"), "bob's new", false, 3));
  site.restore(other.copy);
  CHECK(must(site.passwords.of_user(site.id_of("alice")))->hash == "alice's");
  CHECK(must(site.passwords.of_user(site.id_of("alice")))->must_change);
  CHECK(must(site.passwords.of_user(site.id_of("bob")))->hash == "bob's new");
}

TEST_CASE("a backup of another bastion gives nobody the id of somebody else") {
  Site other;
  other.furnished().save();
  Site site;
  site.user("zoe");  // has the id that alice has there
  REQUIRE(site.id_of("zoe") == other.id_of("alice"));
  const auto zoe = site.id_of("zoe");
  site.restore(other.copy);
  CHECK(site.directory() == other.directory());
  CHECK(site.id_of("alice") != zoe);
  CHECK(site.id_of("bob") != zoe);
}

TEST_CASE("history stays, and what a backup knows besides is added once") {
  Site other;
  other.furnished().save();
  Site site;
  must(site.audit.add({.at = 2, .actor = "local", .action = "init", .subject = "root", .outcome = "done"}));
  site.opened("ours", "zoe");
  for (int times = 0; times < 2; ++times) {
    site.restore(other.copy);
    CHECK(must(site.audit.latest(10)).size() == 2);
    const auto sessions = must(Sessions(site.database).latest(10));
    REQUIRE(sessions.size() == 2);
    CHECK(sessions[0].opened.id == "past");
    CHECK(sessions[1].opened.id == "ours");
  }
}

TEST_CASE("a backup of every past version can be restored") {
  for (std::size_t past = 1; past <= migrations().size(); ++past) {
    CAPTURE(past);
    Site site;
    site.user("zoe");
    const auto old_file = site.folder.write("old.db", "");
    {
      auto old = must(Database::connect(old_file));
      must(migrate(old, migrations().first(past)));
      must(old.run("INSERT INTO users (name, role, created_at) VALUES ('alice', 'admin', 5)"));
    }
    const auto before = test::TemporaryFolder::read(old_file);
    site.restore(old_file);
    CHECK(site.directory() == Lines{"user alice admin - "});
    CHECK(test::TemporaryFolder::read(old_file) == before);
  }
}

TEST_CASE("what is no whole backup of a bastion is refused, and nothing is changed") {
  Site site;
  const auto before = site.furnished().directory();
  site.save();
  const auto fails = [&](const fs::path& from) {
    const auto files = site.files();
    auto why = refused(site.tries_to_restore(from));
    CHECK(site.directory() == before);
    CHECK(site.files() == files);
    CHECK(why.starts_with(from.string() + ": "));
    return why.substr(from.string().size() + 2);
  };
  CHECK(fails(site.folder / "missing") == "No such file or directory");
  CHECK(fails(site.file.parent_path()) == "this is a folder, not a file");
  CHECK(fails(site.folder.write("empty", "")) == "this file is empty");
  CHECK(fails(site.folder.write("letter", std::string(5000, 'x'))).ends_with("file is not a database"));

  const auto with = [&](const char* sql) {
    const auto file = site.folder / "other.db";
    fs::copy_file(site.copy, file, fs::copy_options::overwrite_existing);
    must(must(Database::connect(file)).run(sql));
    return file;
  };
  CHECK(fails(with("PRAGMA user_version = 999")).contains("a newer bastion has written this database"));
  CHECK(fails(with("ALTER TABLE users DROP COLUMN created_at")) ==
        "no bastion has written this: its table users is another one");
  CHECK(fails(with("PRAGMA foreign_keys = OFF; UPDATE containers SET owner = 999 WHERE name = 'db'")) ==
        "the database is damaged: a row of containers points nowhere");

  auto bytes = test::TemporaryFolder::read(site.copy);
  CHECK(fails(site.folder.write("half", bytes.substr(0, bytes.size() / 2))).starts_with("the database"));
  for (std::size_t at = 4096; at < bytes.size(); at += 4096) bytes[at] = '\x07';
  CHECK(fails(site.folder.write("damaged", bytes)).starts_with("the database"));
}

}  // namespace bastion::store
