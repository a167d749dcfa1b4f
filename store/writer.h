// What sessions write. One thread, one connection, and a queue before it: everything queued goes in one transaction, so
// that a burst of sessions costs one commit, and no session waits for a disk.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/metrics/histogram.h"
#include "store/audit.h"
#include "store/database.h"
#include "store/host_keys.h"
#include "store/keys.h"
#include "store/sessions.h"

namespace bastion::store {

struct KeyUsed {
  std::int64_t key = 0;
  std::int64_t at = 0;
};

// Every public function may be called from any thread and returns at once. Records are written in the order in which
// they came. While they cannot be written (the disk is full, somebody else has the database), they wait, and are
// written as soon as that is over; but kCapacity of them at most: what comes then is dropped, and the log says how many
// records that were, and of which sessions the first and the last one.
//
// In a fleet what all have in common is written beside them, by a thread of its own that waits for the fleet's
// database: each change alone, and as many of them at most.
class Writer {
 public:
  // Called once: on the writer's thread, or, when the queue is full, by learn_host_key() itself.
  using Learned = std::move_only_function<void(Result<std::vector<HostKey>>)>;

  [[nodiscard]] static Result<std::unique_ptr<Writer>> open(const std::filesystem::path& file);
  // The same, one of a fleet: `common` is the same database, and replicated.
  [[nodiscard]] static Result<std::unique_ptr<Writer>> open(const std::filesystem::path& file, Database common);

  // Some minutes of sessions at the highest rate we have seen; a few megabytes.
  static constexpr std::size_t kCapacity = 10'000;
  // How long it waits before it tries again what could not be written.
  static constexpr std::chrono::seconds kTryAgain{1};
  // How long the last records wait for another writer when everything ends; what is lost then is said in the log.
  static constexpr std::chrono::seconds kLastWait{1};

  // What it writes: everything, or what all of a fleet have in common.
  enum class Scope : std::uint8_t { everything, common };
  explicit Writer(Database database, Scope scope = Scope::everything);
  // Nothing is written before the thread is there.
  [[nodiscard]] Result<> start();
  // As close().
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Whether what all of a fleet have in common is written by a thread of its own, which waits for the fleet's database.
  [[nodiscard]] bool is_of_fleet() const { return common_ != nullptr; }

  // Of both threads, where there are two.
  struct Counts {
    std::size_t queued = 0;     // that are being written too
    std::uint64_t written = 0;  // since it was made
    std::uint64_t lost = 0;
  };
  [[nodiscard]] Counts counts();
  // How long each transaction took that was committed.
  [[nodiscard]] const metrics::Histogram& commit_time() const { return commit_time_; }

  // Writes what is queued, and calls whoever waits. What is handed to it later is not written. By its owner's thread.
  void close();

  void session_opened(SessionOpened session);
  void session_routed(SessionRouted session);
  void session_closed(SessionClosed session);
  void audit(AuditEntry entry);
  void key_used(KeyUsed use);
  // Makes a change of its own, in its turn, in a transaction. An error goes to the log, as what failed. It may run more
  // than once.
  using Change = std::move_only_function<Result<>(Database& database)>;
  void change(std::string what, Change change);
  // The same, of what only this bastion knows.
  void change_here(std::string what, Change change);
  // A host key that a machine has shown. `fingerprint` is for the audit and the log.
  struct Presented {
    ByteVector blob;
    std::string fingerprint;
    std::int64_t at = 0;
  };
  // Records `presented` if the owner has no key yet, with a row in the audit and a line in the log; `learned` gets the
  // keys that are on record then (HostKeys::learn), once it is written.
  void learn_host_key(const HostKeyOwner& owner, Presented presented, Learned learned);

 private:
  struct LearnHostKey {
    HostKeyOwner owner;
    Presented presented;
    Learned learned;
    std::optional<Result<std::vector<HostKey>>> outcome;
    std::string name;  // of the owner, where the key is new
  };
  struct OtherChange {
    std::string what;
    Change change;
    bool is_common = false;
  };
  using Record =
      std::variant<SessionOpened, SessionRouted, SessionClosed, AuditEntry, KeyUsed, LearnHostKey, OtherChange>;
  using Batch = std::vector<Record>;

  // Records that were dropped since the log said so.
  struct Dropped {
    std::size_t count = 0;
    std::string first;
    std::string last;
  };

  [[nodiscard]] static std::string id_of(const Record& record);
  [[nodiscard]] static bool is_common(const Record& record);
  void put(Record record);
  // On the writer's thread.
  void run();
  // Waits for records, and puts them behind those that could not be written. Whether these are the last ones.
  [[nodiscard]] bool wait_for_more(Batch& batch);
  // Leaves in `batch` what is to be tried again.
  void write(Batch& batch);
  void answer(Batch& batch, const Result<>& written);
  void tell_dropped(const Dropped& dropped);
  void count(std::uint64_t written, std::uint64_t lost);
  // Takes those out of `batch` that can never be written.
  [[nodiscard]] Result<> write_all(Batch& batch);
  [[nodiscard]] Result<> write_once(Batch& batch);
  // One after another, each in a transaction of its own.
  [[nodiscard]] Result<> write_each(Batch& batch);
  [[nodiscard]] Result<> write_one(Record& record);
  [[nodiscard]] Result<> learn(LearnHostKey& learning);
  [[nodiscard]] Result<> run_apart(OtherChange& other);

  const Scope scope_;
  Database database_;
  Sessions sessions_;
  Audit audit_;
  Keys keys_;
  HostKeys host_keys_;

  std::mutex mutex_;
  std::condition_variable wake_;
  Batch queue_;           // guarded by mutex_, as what follows
  std::size_t held_ = 0;  // those that are being written
  Dropped dropped_;
  std::uint64_t written_ = 0;
  std::uint64_t lost_ = 0;
  bool ending_ = false;
  bool ended_ = false;

  bool waiting_ = false;                                  // for the disk: the writer's own, as what follows
  std::chrono::steady_clock::time_point told_dropped_{};  // when that was last in the log

  metrics::Histogram commit_time_;
  std::atomic<bool> hurry_ = false;  // nobody waits for other writers any more
  std::thread thread_;
  std::unique_ptr<Writer> common_;  // of a fleet, what all have in common
};

}  // namespace bastion::store
