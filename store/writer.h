// What logins write. One thread, one connection, and a queue before it: everything queued goes in one transaction, so
// that a burst of logins costs one commit, and no login waits for a disk.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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

  explicit Writer(Database database);
  // Nothing is written before the thread is there.
  [[nodiscard]] Result<> start();
  // Writes what is queued, and calls whoever waits.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void session_opened(SessionOpened session);
  void session_routed(SessionRouted session);
  void session_closed(SessionClosed session);
  void audit(AuditEntry entry);
  void key_used(KeyUsed use);
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
  using Record = std::variant<SessionOpened, SessionRouted, SessionClosed, AuditEntry, KeyUsed, LearnHostKey>;
  using Batch = std::vector<Record>;

  void put(Record record);
  // On the writer's thread.
  void run();
  void write(Batch& batch);
  [[nodiscard]] Result<> write_once(Batch& batch);
  [[nodiscard]] Result<> write_one(Record& record);

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

  std::thread thread_;
};

}  // namespace bastion::store
