#include "store/database.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "bastion/base/fingerprint.h"
#include "bastion/base/inherit_owner.h"
#include "store/failure.h"
#include "store/migrations.h"

namespace bastion::store {
namespace {

constexpr int kBusyTimeoutMs = 5000;
// Nobody can be told when another process gives its lock back: SQLite asks again and again, and so do we.
constexpr std::chrono::milliseconds kAskAgain{10};

// Made before SQLite opens it, so that it is never there with another mode; SQLite gives its side files (-wal, -shm)
// the mode and the owner of this one.
Result<> make_file(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (fd < 0) {
    if (errno == EEXIST) return {};
    return fail("{}: {}", file.string(), std::strerror(errno));
  }
  ::close(fd);
  return inherit_owner(file);
}

// The error begins with the name.
Result<> can_be_had(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) {
    if (errno == ENOENT) return fail("there is no database {}: make one with `bastion init`", file.string());
    return fail("{}: {}", file.string(), std::strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) return fail("{}: this is a folder, not a database", file.string());
  if (!S_ISREG(status.st_mode)) return fail("{}: this is no file", file.string());
  if (::faccessat(AT_FDCWD, file.c_str(), R_OK | W_OK, AT_EACCESS) != 0) {
    return fail("{}: {}", file.string(), std::strerror(errno));
  }
  return {};
}

// A file that nobody has open is read without side files; of one in WAL mode a reader would leave them behind.
Result<std::string> uri_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(file, error);
  if (error) return fail("{}", error.message());
  std::string uri = "file:";
  for (const char c : absolute.string()) {
    const auto byte = static_cast<unsigned char>(c);
    uri += std::isalnum(byte) != 0 || c == '/' || c == '.' ? std::string(1, c) : fmt::format("%{:02x}", byte);
  }
  const bool is_open = std::filesystem::exists(file.string() + "-wal", error);
  return uri + (is_open ? "" : "?immutable=1");
}

// sha1_fingerprint(BLOB) in SQL, for what was revoked by such a one: no table has it of the keys.
void sha1_fingerprint_of(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
  const auto* const bytes = static_cast<const std::uint8_t*>(sqlite3_value_blob(*values));
  const auto text = sha1_fingerprint({bytes, static_cast<std::size_t>(sqlite3_value_bytes(*values))});
  sqlite3_result_text(context, text.c_str(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

}  // namespace

Database::Transaction::~Transaction() {
  if (!is_open_) return;
  if (replication_ != nullptr) replication_->end();
  database_.roll_back();
}

Result<> Database::Transaction::begin(const char* how) {
  if (replication_ != nullptr) replication_->prepare(database_);
  if (auto begun = database_.run(how); !begun) return begun;
  is_open_ = true;
  return replication_ != nullptr ? replication_->begin(database_) : Result<>{};
}

Result<bool> Database::Transaction::commit() {
  using Verdict = Replication::Verdict;
  const auto verdict = replication_ != nullptr ? replication_->agree(database_) : Result<Verdict>(Verdict::commit);
  if (!verdict) return std::unexpected(verdict.error());
  if (*verdict == Verdict::again) return false;
  if (auto committed = database_.run("COMMIT"); !committed) {
    if (*verdict == Verdict::commit) return std::unexpected(committed.error());
    return fail("the change is made, and this bastion takes it from the fleet's log as soon as it can write: {}",
                committed.error().text);
  }
  if (replication_ != nullptr) replication_->end();
  is_open_ = false;
  return true;
}

// Throws SQLite::Exception.
Database::Database(std::unique_ptr<SQLite::Database> connection) : connection_(std::move(connection)) {
  connection_->createFunction("sha1_fingerprint", 1, true, nullptr, sha1_fingerprint_of);
}
Database::Database(Database&& other) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::filesystem::path& file, Access access) {
  if (access == Access::create) {
    if (auto made = make_file(file); !made) return std::unexpected(made.error());
  } else {
    if (auto there = must_be_there(file); !there) return std::unexpected(std::move(there.error()));
  }
  auto database = connect(file);
  if (!database) return database;
  const auto is_ours = database->is_ours(access);
  if (!is_ours) return fail("{}: {}", file.string(), is_ours.error().text);
  if (!*is_ours) return fail("{}: no bastion has made this database", file.string());
  if (access != Access::read) {
    if (auto set = database->wait_at_most(kTimeout); !set) return std::unexpected(std::move(set.error()));
  }
  const bool is_newer = access == Access::go_on && is_newer_than(*database, migrations());
  auto prepared = access == Access::read ? must_be_current(*database, migrations())
                  : is_newer             ? Result<>{}
                                         : migrate(*database, migrations());
  if (prepared && access == Access::read) prepared = database->run("PRAGMA query_only = ON");
  if (!prepared) return fail("{}: {}", file.string(), prepared.error().text);
  return database;
}

Result<Database> Database::connect(const std::filesystem::path& file) {
  if (auto had = can_be_had(file); !had) return std::unexpected(std::move(had.error()));
  try {
    // A reader too opens for writing: a database in WAL mode is read through side files that the first one makes.
    Database database(std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READWRITE, kBusyTimeoutMs));
    // What is only needed for one statement stays in memory: a process that serves opens no new files (landlock), and a
    // full disk is none of a reader's business.
    if (auto set = database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                                "PRAGMA temp_store = MEMORY");
        !set) {
      return fail("{}: {}", file.string(), set.error().text);
    }
    return database;
  } catch (const SQLite::Exception& exception) {
    return fail("{}: {}", file.string(), exception.what());
  }
}

Result<Database> Database::follow(const std::filesystem::path& file) {
  try {
    Database database(std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READONLY, kBusyTimeoutMs));
    if (auto set = database.run("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON"); !set) {
      return fail("{}: {}", file.string(), set.error().text);
    }
    return database;
  } catch (const SQLite::Exception& exception) {
    return fail("{}: {}", file.string(), exception.what());
  }
}

Result<Database> Database::look_into(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return fail("{}", std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return fail("this is a folder, not a file");
  if (!S_ISREG(status.st_mode)) return fail("this is no file");
  if (::faccessat(AT_FDCWD, file.c_str(), R_OK, AT_EACCESS) != 0) return fail("{}", std::strerror(errno));
  if (status.st_size == 0) return fail("this file is empty");
  const auto uri = uri_of(file);
  if (!uri) return std::unexpected(uri.error());
  try {
    Database database(
        std::make_unique<SQLite::Database>(*uri, SQLite::OPEN_READONLY | SQLite::OPEN_URI, kBusyTimeoutMs));
    if (auto set = database.run("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON"); !set) {
      return std::unexpected(set.error());
    }
    return database;
  } catch (const SQLite::Exception& exception) {
    return failed(exception);
  }
}

Result<> Database::must_be_there(const std::filesystem::path& file) {
  if (auto had = can_be_had(file); !had) return had;
  struct stat status{};
  if (::stat(file.c_str(), &status) == 0 && status.st_size > 0) return {};
  return fail("{}: this file is empty: put a backup there, or make a new database with `bastion init`", file.string());
}

std::filesystem::path Database::file() const { return connection_->getFilename(); }

// A new one has no version and nothing in it.
Result<bool> Database::is_ours(Access access) {
  const auto made = version();
  if (!made) return std::unexpected(made.error());
  if (*made != 0) return true;
  if (access != Access::create) return false;
  try {
    return connection_->execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
  } catch (const SQLite::Exception& exception) {
    return failed(exception);
  }
}

Result<> Database::run(const char* sql) {
  try {
    connection_->exec(sql);
    return {};
  } catch (const SQLite::Exception& exception) {
    return failed(exception);
  }
}

Result<> Database::wait_at_most(std::chrono::milliseconds time) {
  try {
    connection_->setBusyTimeout(static_cast<int>(time.count()));
    return {};
  } catch (const SQLite::Exception& exception) {
    return failed(exception);
  }
}

Result<> Database::set_on_disk(OnDisk when) {
  return run(when == OnDisk::later ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL");
}

Database::Failure Database::last_failure() const {
  const int error = sqlite3_extended_errcode(connection_->getHandle());
  switch (error & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL: return Failure::passes;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Failure::of_the_file;
    case SQLITE_IOERR: break;
    default: return Failure::of_the_row;
  }
  const bool in_reading = error == SQLITE_IOERR_READ || error == SQLITE_IOERR_SHORT_READ ||
                          error == SQLITE_IOERR_CORRUPTFS || error == SQLITE_IOERR_DATA;
  return in_reading ? Failure::of_the_file : Failure::passes;
}

void Database::hurry_when(const std::atomic<bool>& hurry) {
  sqlite3_busy_handler(
      connection_->getHandle(),
      [](void* flag, int waits) {
        if (static_cast<const std::atomic<bool>*>(flag)->load() || waits >= kTimeout / kAskAgain) return 0;
        std::this_thread::sleep_for(kAskAgain);
        return 1;
      },
      const_cast<std::atomic<bool>*>(&hurry));
  if (replication_) replication_->hurry_when(hurry);
}

// Some errors have rolled back already; then there is nothing to do, and saying so is not worth an error.
void Database::roll_back() { connection_->tryExec("ROLLBACK"); }

Result<> Database::check_integrity() {
  try {
    const std::string found = connection_->execAndGet("PRAGMA integrity_check(1)").getString();
    if (found != "ok") return fail("the database is damaged: {}", found);
    SQLite::Statement orphans(*connection_, "PRAGMA foreign_key_check");
    if (orphans.executeStep()) {
      return fail("the database is damaged: a row of {} points nowhere", orphans.getColumn(0).getString());
    }
    return {};
  } catch (const SQLite::Exception& exception) {
    return failed(exception);
  }
}

Result<std::int64_t> Database::data_version() {
  try {
    return connection_->execAndGet("PRAGMA data_version").getInt64();
  } catch (const SQLite::Exception& exception) {
    return failed(exception);
  }
}

Result<int> Database::version() {
  try {
    return connection_->execAndGet("PRAGMA user_version").getInt();
  } catch (const SQLite::Exception& exception) {
    return failed(exception);
  }
}

}  // namespace bastion::store
