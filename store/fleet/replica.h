// This bastion's database as one of several copies: each change is in the fleet's log before it is committed here, and
// what others have appended is applied before.
//
// What is a copy: users, their keys, backends, containers, shares, host keys and bans. Everything else is local, and so
// are the sums that triggers make of it: where a change of another bastion is applied there are no triggers and no
// foreign keys, because what they did there is in the change.
//
// What becomes of a change, and what Database::change() returns:
//
//   what happens                                   in the log   here             returned
//   all goes well                                  yes          yes              what the body returned
//   another bastion is first                       no           taken back       the body runs again on what that left
//   ... again and again for kPatience              no           no               error: nothing was changed, try again
//   the log cannot be asked, or refuses            no           no               error: why
//   an entry is there that this copy cannot apply  no           no               error: which, and what to do
//   the log was asked, and does not answer         perhaps      if so, later     error that ends with kNotKnown
//   it is in the log, and the commit here fails    yes          later            error: the change is made, ...
//   this process ends in between                   perhaps      if so, later     -
//
// Later: catch_up() applies it like an entry of another bastion.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "store/database.h"
#include "store/fleet/change_log.h"
#include "store/fleet/snapshots.h"
#include "store/migrations.h"

struct sqlite3_session;

namespace bastion::store::fleet {

// How a copy stands to the log, as of the last time it asked. Whatever it is, what is here is served.
enum class Standing : std::uint8_t {
  current,   // it had all of it
  behind,    // the log cannot be asked, or this disk not written; the next time may go well
  outdated,  // a newer program has changed the directory: goes on when this one is upgraded
  differs    // the log is not this copy's, or an entry finds other rows than it was made of: somebody has to look
};

// For one connection to the database, and as it, of one thread at a time.
class Replica final : public Replication {
 public:
  // How long a change tries to be the next one, where others are first again and again.
  static constexpr std::chrono::seconds kPatience{30};

  Replica(ChangeLog log, std::string node);
  ~Replica() override;
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // The tables that all copies have in common.
  [[nodiscard]] static std::span<const char* const> shared_tables();

  // Applies what the log has and this copy has not; where that was cut off, puts the newest snapshot in the place of
  // what is here. That is only done to a copy of this log, and to a database that has no directory.
  [[nodiscard]] Result<> catch_up(Database& database);
  // Of the last catch_up().
  [[nodiscard]] Standing standing() const { return standing_; }

  // Makes what is in the database the beginning of a log that has none. The error says so when it has, or when there is
  // nothing to begin with.
  [[nodiscard]] Result<> found(Database& database);
  // Makes a snapshot of this copy, and cuts the log behind the one before, when one is due and nobody else does it.
  [[nodiscard]] Result<> keep_log_short(Database& database, const Snapshots::Limits& limits);
  // Makes those changes of rows that migrations of this program ask for (Migration::rows), as one change of the fleet,
  // where no bastion has made them yet.
  [[nodiscard]] Result<> bring_rows_up_to_date(Database& database, std::span<const Migration> steps);

  // As the log's.
  [[nodiscard]] Result<> wait_for_news(std::chrono::milliseconds most, int interrupted) {
    return log_.wait_for_news(most, interrupted);
  }
  void hurry_when(const std::atomic<bool>& hurry) override { log_.hurry_when(hurry); }
  [[nodiscard]] std::optional<std::int64_t> taken_away_at() const override { return taken_away_at_; }
  // The last entry that is in this copy.
  [[nodiscard]] static Result<Position> position_of(Database& database);
  // What is here is no copy of any log from now on. Within a change_here(), while nobody follows one.
  [[nodiscard]] static Result<> leave(Database& database);

 private:
  void prepare(Database& database) override { caught_up_ = catch_up(database); }
  [[nodiscard]] Result<> begin(Database& database) override;
  [[nodiscard]] Result<Verdict> agree(Database& database) override;
  void end() override;

  [[nodiscard]] Result<bool> take_what_follows(Database& database);
  [[nodiscard]] Result<> take_newest_snapshot(Database& database, const Position& position);
  [[nodiscard]] Result<Position> bind(Database& database);
  [[nodiscard]] Result<> put_snapshot(Database& database, Snapshot& snapshot);
  [[nodiscard]] Result<Entry> next_entry(Database& database, const Position& position, ByteVector changeset);
  [[nodiscard]] Result<ByteVector> recorded(Database& database);
  [[nodiscard]] Result<ChangeLog::Appended> append(Database& database, ByteVector changeset);
  [[nodiscard]] std::unexpected<Error> stop(Standing standing, const Error& error);

  struct EndSession {
    void operator()(sqlite3_session* session) const;
  };

  ChangeLog log_;
  std::string node_;
  std::unique_ptr<sqlite3_session, EndSession> session_;
  std::chrono::steady_clock::time_point give_up_at_;  // while a change is tried again
  bool again_ = false;
  std::optional<std::int64_t> taken_away_at_;
  Result<> caught_up_;
  Standing standing_ = Standing::behind;
};

}  // namespace bastion::store::fleet
