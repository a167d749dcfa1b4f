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
// they came. When the disk cannot keep up and the queue is full, records are dropped and the log says how many.
class Writer {
 public:
  // Called once: on the writer's thread, or, when the queue is full, by learn_host_key() itself.
  using Learned = std::move_only_function<void(Result<HostKey>)>;

  [[nodiscard]] static Result<std::unique_ptr<Writer>> open(const std::filesystem::path& file);

  // How long the last records wait for another writer when everything ends; what is lost then is said in the log.
  static constexpr std::chrono::seconds kLastWait{1};

  explicit Writer(Database database);
  // Nothing is written before the thread is there.
  [[nodiscard]] Result<> start();
  // As close().
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Writes what is queued, and calls whoever waits. What is handed to it later is not written. By its owner's thread.
  void close();

  void session_opened(SessionOpened session);
  void session_routed(SessionRouted session);
  void session_closed(SessionClosed session);
  void audit(AuditEntry entry);
  void key_used(KeyUsed use);
  // Makes a change of its own, in its turn, in a transaction. An error goes to the log, as what failed.
  using Change = std::move_only_function<Result<>(Database& database)>;
  void change(std::string what, Change change);
  // Records `presented` if the owner has no key yet; `learned` gets the key that is on record then, once it is written.
  void learn_host_key(const HostKeyOwner& owner, ByteVector presented, std::int64_t at, Learned learned);

 private:
  struct LearnHostKey {
    HostKeyOwner owner;
    ByteVector presented;
    std::int64_t at;
    Learned learned;
    std::optional<Result<HostKey>> outcome;
  };
  struct OtherChange {
    std::string what;
    Change change;
  };
  using Record =
      std::variant<SessionOpened, SessionRouted, SessionClosed, AuditEntry, KeyUsed, LearnHostKey, OtherChange>;
  using Batch = std::vector<Record>;

  void put(Record record);
  // On the writer's thread.
  void run();
  void write(Batch& batch);
  [[nodiscard]] Result<> write_once(Batch& batch);
  [[nodiscard]] Result<> write_one(Record& record);
  [[nodiscard]] Result<> run_apart(OtherChange& other);

  Database database_;
  Sessions sessions_;
  Audit audit_;
  Keys keys_;
  HostKeys host_keys_;

  std::mutex mutex_;
  std::condition_variable wake_;
  Batch queue_;              // guarded by mutex_, as what follows
  std::size_t dropped_ = 0;  // since the log said so
  bool ending_ = false;
  bool ended_ = false;

  std::atomic<bool> hurry_ = false;  // nobody waits for other writers any more
  std::thread thread_;
};

}  // namespace bastion::store
