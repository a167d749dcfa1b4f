// This bastion's database as one of several copies: each change is in the fleet's log before it is committed here, and
// what others have appended is applied before.
//
// What is a copy: users, their keys, backends, containers, shares, host keys and bans. Everything else is local, and so
// are the sums that triggers make of it: where a change of another bastion is applied there are no triggers and no
// foreign keys, because what they did there is in the change.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "store/database.h"
#include "store/fleet/change_log.h"

struct sqlite3_session;

namespace bastion::store::fleet {

// For one connection to the database, and as it, of one thread at a time.
class Replica final : public Replication {
 public:
  // How long a change tries to be the next one, where others are first again and again.
  static constexpr std::chrono::seconds kPatience{30};

  Replica(ChangeLog log, std::string node);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // The tables that all copies have in common.
  [[nodiscard]] static std::span<const char* const> shared_tables();

  // Applies what the log has and this copy has not.
  [[nodiscard]] Result<> catch_up(Database& database);
  // Makes what is in the database the first entry of a log that has none. The error says so when it has, or when
  // there is nothing to begin with.
  [[nodiscard]] Result<> found(Database& database);
  // As the log's.
  [[nodiscard]] Result<> wait_for_news(std::chrono::milliseconds most, int interrupted) {
    return log_.wait_for_news(most, interrupted);
  }
  void hurry_when(const std::atomic<bool>& hurry) override { log_.hurry_when(hurry); }
  // The last entry that is in this copy.
  [[nodiscard]] static Result<Position> position_of(Database& database);

 private:
  void prepare(Database& database) override { caught_up_ = catch_up(database); }
  [[nodiscard]] Result<> begin(Database& database) override;
  [[nodiscard]] Result<Verdict> agree(Database& database) override;
  void end() override;

  [[nodiscard]] Result<> record(Database& database);
  [[nodiscard]] Result<> record_everything(Database& database);
  [[nodiscard]] Result<ByteVector> recorded(Database& database);
  [[nodiscard]] Result<ChangeLog::Appended> append(Database& database, ByteVector changeset);

  struct EndSession {
    void operator()(sqlite3_session* session) const;
  };

  ChangeLog log_;
  std::string node_;
  std::unique_ptr<sqlite3_session, EndSession> session_;
  std::chrono::steady_clock::time_point give_up_at_;  // while a change is tried again
  bool again_ = false;
  Result<> caught_up_;
};

}  // namespace bastion::store::fleet
