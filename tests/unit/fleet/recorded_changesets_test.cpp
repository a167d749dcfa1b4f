#include <doctest/doctest.h>
#include <sqlite3.h>

#include <array>
#include <memory>
#include <random>
#include <string>

#include "bastion/base/bytes.h"
#include "store/fleet/changeset_format.h"

namespace bastion::store::fleet {
namespace {

// Tables of every kind: with a key of a number and of several columns, without one, with what may be in one row only;
// and one that a trigger changes. Of columns that are computed SQLite records nothing: it fails (3.40).
constexpr const char* kTables = R"(
  CREATE TABLE plain (id INTEGER PRIMARY KEY, a, b, c DEFAULT 'c');
  CREATE TABLE pairs (a TEXT, b, c REAL, PRIMARY KEY (b, a)) WITHOUT ROWID;
  CREATE TABLE loose (a, b);
  CREATE TABLE single (id INTEGER PRIMARY KEY, a UNIQUE);
  CREATE TABLE traces (plain, at INTEGER PRIMARY KEY);
  CREATE TRIGGER traced AFTER UPDATE ON plain BEGIN INSERT OR REPLACE INTO traces VALUES (new.b, old.id); END;
)";

struct Freed {
  void operator()(void* bytes) const { sqlite3_free(bytes); }
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_session* session) const { sqlite3session_delete(session); }
};

class RandomChanges {
 public:
  explicit RandomChanges(unsigned seed) : random_(seed) {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(":memory:", &database) == SQLITE_OK);
    database_.reset(database);
    run(kTables);
    make(40);
  }

  // What SQLite records of some more.
  ByteVector recorded() {
    sqlite3_session* raw = nullptr;
    REQUIRE(sqlite3session_create(database_.get(), "main", &raw) == SQLITE_OK);
    const std::unique_ptr<sqlite3_session, Freed> session(raw);
    REQUIRE(sqlite3session_attach(session.get(), nullptr) == SQLITE_OK);
    make(static_cast<int>(random_() % 30));
    int size = 0;
    void* bytes = nullptr;
    REQUIRE(sqlite3session_changeset(session.get(), &size, &bytes) == SQLITE_OK);
    return taken(size, bytes);
  }
  static ByteVector inverted(const ByteVector& changeset) {
    int size = 0;
    void* bytes = nullptr;
    REQUIRE(sqlite3changeset_invert(static_cast<int>(changeset.size()), changeset.data(), &size, &bytes) == SQLITE_OK);
    return taken(size, bytes);
  }

 private:
  static ByteVector taken(int size, void* bytes) {
    const std::unique_ptr<void, Freed> owned(bytes);
    const auto* const first = static_cast<const std::uint8_t*>(bytes);
    return size == 0 ? ByteVector{} : ByteVector(first, first + size);
  }
  void run(const std::string& sql) {
    CAPTURE(sql);
    REQUIRE(sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  std::string number() { return std::to_string(random_() % 12); }
  std::string value() {
    switch (random_() % 7) {
      case 0: return "NULL";
      case 1: return std::to_string(random_()) + " - 1000000000000";
      case 2: return number() + ".5";
      case 3: return "''";
      case 4: return "zeroblob(" + std::to_string(random_() % 40'000) + ")";
      case 5: return "x'00ff" + std::string(2 * (random_() % 300), 'a') + "'";
      default: return "'" + std::string(random_() % 300, 'x') + "'";
    }
  }
  void make(int changes) {
    for (int i = 0; i < changes; ++i) run(change());
  }
  std::string change() {
    switch (random_() % 9) {
      case 0:
        return "INSERT OR REPLACE INTO plain (id, a, b) VALUES (" + number() + "," + value() + "," + value() + ")";
      case 1: return "UPDATE plain SET a = " + value() + " WHERE id > " + number();
      case 2: return "UPDATE OR REPLACE plain SET id = " + number() + " WHERE id = " + number();
      case 3: return "DELETE FROM plain WHERE id = " + number();
      case 4: return "INSERT OR REPLACE INTO pairs VALUES ('" + number() + "','" + number() + "'," + value() + ")";
      case 5: return "DELETE FROM pairs WHERE a < '" + number() + "'";
      case 6: return "INSERT INTO loose VALUES (" + value() + "," + value() + ")";
      case 7: return "INSERT OR REPLACE INTO single (id, a) VALUES (" + number() + "," + number() + ")";
      default: return "UPDATE OR IGNORE single SET a = " + number() + " WHERE id < " + number();
    }
  }

  std::minstd_rand random_;
  std::unique_ptr<sqlite3, Freed> database_;
};

}  // namespace

TEST_CASE("changeset format: whatever SQLite records is one, and so is the way back") {
  std::size_t empty = 0;
  std::size_t large = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    RandomChanges changes(seed);
    for (int i = 0; i < 4; ++i) {
      const auto changeset = changes.recorded();
      (changeset.empty() ? empty : large) += 1;
      CHECK(is_changeset(changeset));
      CHECK(is_changeset(RandomChanges::inverted(changeset)));
    }
  }
  CHECK(empty > 0);
  CHECK(large > 200);
}

}  // namespace bastion::store::fleet
