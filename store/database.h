// One connection to the database. Tables (users.h, keys.h, …) are views through it and must not outlive it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "bastion/base/result.h"

namespace SQLite {
class Database;
}

namespace bastion::store {

class Database;

// Whoever has to agree before a change is committed, because other databases are to have it too (store/fleet).
class Replication {
 public:
  enum class Verdict : std::uint8_t {
    commit,  // nobody else has to know
    made,    // it is everybody's now, whatever becomes of it here
    again    // somebody else was first: take it back, and run it on what they have left
  };

  // Before a change, outside of any transaction. What others have done and cannot be had is for agree() to tell: it may
  // be that this change needs nobody.
  virtual void prepare(Database& database) = 0;
  // Within its transaction, before anything was changed.
  [[nodiscard]] virtual Result<> begin(Database& database) = 0;
  // Everything is changed, and nothing committed.
  [[nodiscard]] virtual Result<Verdict> agree(Database& database) = 0;
  // Follows every begin(), before the transaction ends in whatever way.
  virtual void end() = 0;
  // Nothing waits for others any more as soon as `hurry` is true, which outlives this.
  virtual void hurry_when(const std::atomic<bool>& hurry) = 0;
  // As Database's.
  [[nodiscard]] virtual std::optional<std::int64_t> taken_away_at() const { return std::nullopt; }

  virtual ~Replication() = default;
};

// Belongs to one thread at a time. Nothing in store/ throws: what SQLite has to say comes back as an Error.
class Database {
 public:
  enum class Access : std::uint8_t {
    create,  // makes the file (mode 0600) when there is none; as `change` otherwise
    change,  // the file must be a database of ours; brings the schema up to date
    go_on,   // likewise, for a process that has had it open: a newer program that came beside it may have changed it
    read     // the same, and up to date; changes are refused
  };

  // A change waits for other writers for up to half a minute, everything else for five seconds. A database that a newer
  // program has written is refused, but by `go_on`: migrations are made to be read by the release before.
  [[nodiscard]] static Result<Database> open(const std::filesystem::path& file, Access access);
  // That there is a file which can be read and written, and something in it; the error is what serve, admin and check
  // say. Opens nothing, because to close a file takes away the locks that SQLite has on it (fcntl(2)).
  [[nodiscard]] static Result<> must_be_there(const std::filesystem::path& file);
  // Whatever version it is of. The file must be there.
  [[nodiscard]] static Result<Database> connect(const std::filesystem::path& file);
  // For a process that may not write: of a database that somebody else has open, and that they may have spoiled.
  // Whatever stands in it, nothing is trusted.
  [[nodiscard]] static Result<Database> follow(const std::filesystem::path& file);
  // A file that somebody brings: whatever stands in it, it is not changed, and nothing in it is trusted.
  [[nodiscard]] static Result<Database> look_into(const std::filesystem::path& file);

  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) = delete;
  ~Database();

  // Runs `body`, which returns a Result, as one transaction: all of it happens, or, when it returns an error or throws,
  // nothing. Does not nest. With a replication that says so it is taken back and run once more, so it must not depend
  // on how often it has run; and its error may say that everybody has the change but this database, which gets it
  // later, or that nobody knows (store/fleet/replica.h).
  template <typename Body>
  [[nodiscard]] std::invoke_result_t<Body> change(Body&& body) {
    return change_with(replication_.get(), std::forward<Body>(body));
  }

  // The same, in this database only: what no other one has to know.
  template <typename Body>
  [[nodiscard]] std::invoke_result_t<Body> change_here(Body&& body) {
    return change_with(nullptr, std::forward<Body>(body));
  }

  // As change(), with this one to agree.
  template <typename Body>
  [[nodiscard]] std::invoke_result_t<Body> change_by(Replication& replication, Body&& body) {
    return change_with(&replication, std::forward<Body>(body));
  }

  // As change_here(), but gives up when other writers have not let it begin within this time.
  template <typename Body>
  [[nodiscard]] std::invoke_result_t<Body> change_here_within(std::chrono::milliseconds timeout, Body&& body) {
    if (auto set = wait_at_most(timeout); !set) return std::unexpected(set.error());
    auto outcome = change_here(std::forward<Body>(body));
    if (auto set = wait_at_most(kTimeout); !set) return std::unexpected(set.error());
    return outcome;
  }

  // Runs `body`, which returns a Result and changes nothing: whatever it reads is as it was at one moment. Does not
  // nest.
  template <typename Body>
  [[nodiscard]] std::invoke_result_t<Body> view(Body&& body) {
    Transaction transaction(*this, nullptr);
    if (auto begun = transaction.begin("BEGIN"); !begun) return std::unexpected(begun.error());
    return std::forward<Body>(body)();
  }

  // What is committed from now on is on the disk when it is answered, or, when it need not be, as soon as anybody's
  // commit that has to be is. Every connection begins with `when_answered`.
  enum class OnDisk : std::uint8_t { when_answered, later };
  [[nodiscard]] Result<> set_on_disk(OnDisk when);

  // From now on a change waits for other writers as before, but no longer as soon as `hurry` is true, which another
  // thread may set; nor for a replication, if there is one by now. It outlives the database. Not together with
  // change_here_within(), which sets the time anew.
  void hurry_when(const std::atomic<bool>& hurry);

  // Has a say in every change() from now on.
  void replicate_by(std::unique_ptr<Replication> replication) { replication_ = std::move(replication); }
  [[nodiscard]] bool is_replicated() const { return replication_ != nullptr; }
  // Of the last change(), where it may have taken something from somebody: the number under which the other databases
  // get it. Until they have, it is not taken away there.
  [[nodiscard]] std::optional<std::int64_t> taken_away_at() const {
    return replication_ ? replication_->taken_away_at() : std::nullopt;
  }

  // As it was named when it was opened.
  [[nodiscard]] std::filesystem::path file() const;
  // Reads everything and looks for damage. The error names the first finding.
  [[nodiscard]] Result<> check_integrity();
  // A number that is another one as soon as somebody else has changed anything: cheap enough to ask all the time.
  [[nodiscard]] Result<std::int64_t> data_version();
  // The number of the last migration this database has seen.
  [[nodiscard]] Result<int> version();

  // What the last call has failed of.
  enum class Failure : std::uint8_t {
    passes,       // a full disk, memory, others: the same may go well later
    of_the_row,   // what was to be written breaks a rule of its table; the rest of a change may go on
    of_the_file,  // what was to be read is damaged; this change can only be taken back
  };
  [[nodiscard]] Failure last_failure() const;

  // For Statement and the migrations.
  [[nodiscard]] SQLite::Database& native() { return *connection_; }
  [[nodiscard]] Result<> run(const char* sql);

 private:
  // One that has begun. Taken back in the end, unless it was committed.
  class Transaction {
   public:
    Transaction(Database& database, Replication* replication) : database_(database), replication_(replication) {}
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    [[nodiscard]] Result<> begin(const char* how);
    // False: once more.
    [[nodiscard]] Result<bool> commit();

   private:
    Database& database_;
    Replication* replication_;
    bool is_open_ = false;
  };

  template <typename Body>
  [[nodiscard]] std::invoke_result_t<Body> change_with(Replication* replication, Body&& body) {
    for (;;) {
      Transaction transaction(*this, replication);
      if (auto begun = transaction.begin("BEGIN IMMEDIATE"); !begun) return std::unexpected(begun.error());
      auto outcome = body();
      if (!outcome) return outcome;
      auto committed = transaction.commit();
      if (!committed) return std::unexpected(committed.error());
      if (*committed) return outcome;
    }
  }

  // A change waits for another one, and that may be a document of 100,000 users.
  static constexpr std::chrono::milliseconds kTimeout{30'000};

  explicit Database(std::unique_ptr<SQLite::Database> connection);
  [[nodiscard]] Result<bool> is_ours(Access access);
  [[nodiscard]] Result<> wait_at_most(std::chrono::milliseconds time);  // for other writers
  void roll_back();

  // On the heap: statements keep its address, and the Database may move.
  std::unique_ptr<SQLite::Database> connection_;
  std::unique_ptr<Replication> replication_;
};

}  // namespace bastion::store
