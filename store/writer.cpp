#include "store/writer.h"

#include <type_traits>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/thread.h"
#include "store/busy.h"

namespace bastion::store {
namespace {

// Some minutes of sessions at the highest rate we have seen; a few megabytes.
constexpr std::size_t kCapacity = 10'000;

// Each attempt waits for other writers as every change does. An administrator's change takes milliseconds, a document
// of 100,000 users seconds; who holds the database for longer than all of these is broken, and the log says what was
// lost to it.
constexpr int kAttempts = 2;

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(const std::filesystem::path& file) {
  auto database = Database::open(file, Database::Access::change);
  if (!database) return std::unexpected(std::move(database.error()));
  auto writer = std::make_unique<Writer>(*std::move(database));
  if (auto started = writer->start(); !started) return std::unexpected(std::move(started.error()));
  return writer;
}

Writer::Writer(Database database)
    : database_(std::move(database)), sessions_(database_), audit_(database_), keys_(database_), host_keys_(database_) {
  database_.hurry_when(hurry_);
}

Result<> Writer::start() {
  auto thread = start_thread([this] { run(); });
  if (!thread) return std::unexpected(std::move(thread.error()));
  thread_ = *std::move(thread);
  return {};
}

Writer::~Writer() { close(); }

void Writer::close() {
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    ending_ = true;
    wake_.notify_all();
    wake_.wait_for(lock, kLastWait, [this] { return ended_; });
  }
  hurry_ = true;
  thread_.join();
}

void Writer::session_opened(SessionOpened session) { put(std::move(session)); }
void Writer::session_routed(SessionRouted session) { put(std::move(session)); }
void Writer::session_closed(SessionClosed session) { put(std::move(session)); }
void Writer::audit(AuditEntry entry) { put(std::move(entry)); }
void Writer::key_used(KeyUsed use) { put(use); }

void Writer::learn_host_key(const HostKeyOwner& owner, ByteVector presented, std::int64_t at, Learned learned) {
  put(LearnHostKey{owner, std::move(presented), at, std::move(learned), std::nullopt});
}

void Writer::change(std::string what, Change change) { put(OtherChange{std::move(what), std::move(change)}); }

void Writer::put(Record record) {
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() < kCapacity) {
      queue_.push_back(std::move(record));
      wake_.notify_one();
      return;
    }
    ++dropped_;
  }
  if (auto* learning = std::get_if<LearnHostKey>(&record)) {
    learning->learned(fail("{}", kBusyText));  // too much is waiting to be written
  }
}

void Writer::run() {
  Batch batch;
  for (bool last = false; !last;) {
    std::size_t dropped = 0;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      last = ending_;  // nothing is put any more: what is queued now is the rest
      std::swap(batch, queue_);
      dropped = std::exchange(dropped_, 0);
    }
    if (dropped > 0) log::error("the database cannot keep up: records lost count={}", dropped);
    if (!batch.empty() && !contained("the writing of records", [&] { write(batch); })) {
      log::error("records lost count={}", batch.size());
    }
    batch.clear();
  }
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  wake_.notify_all();
}

void Writer::write(Batch& batch) {
  auto written = write_once(batch);
  for (int attempt = 1; !written && attempt < kAttempts; ++attempt) written = write_once(batch);
  if (!written) log::error("records lost count={} detail={:?}", batch.size(), written.error().text);
  for (auto& record : batch) {
    auto* const learning = std::get_if<LearnHostKey>(&record);
    if (learning == nullptr) continue;
    if (written) {
      learning->learned(*std::move(learning->outcome));
    } else {
      learning->learned(std::unexpected(written.error()));
    }
  }
}

Result<> Writer::write_once(Batch& batch) {
  return database_.change([&]() -> Result<> {
    for (auto& record : batch) {
      // One record that does not fit must not take the others with it.
      if (const auto written = write_one(record); !written) log::error("record lost detail={:?}", written.error().text);
    }
    return {};
  });
}

// All of it or nothing, whatever becomes of the other records.
Result<> Writer::run_apart(OtherChange& other) {
  if (auto begun = database_.run("SAVEPOINT other_change"); !begun) return begun;
  auto done = other.change(database_);
  if (!done) std::ignore = database_.run("ROLLBACK TO other_change");
  if (auto ended = database_.run("RELEASE other_change"); !ended) return ended;
  return done ? done : fail("{}: {}", other.what, done.error().text);
}

Result<> Writer::write_one(Record& record) {
  return std::visit(
      [this](auto& known) -> Result<> {
        using Known = std::decay_t<decltype(known)>;
        if constexpr (std::is_same_v<Known, SessionOpened>) {
          return sessions_.open(known);
        } else if constexpr (std::is_same_v<Known, SessionRouted>) {
          return sessions_.route(known);
        } else if constexpr (std::is_same_v<Known, SessionClosed>) {
          return sessions_.close(known);
        } else if constexpr (std::is_same_v<Known, AuditEntry>) {
          return audit_.add(known);
        } else if constexpr (std::is_same_v<Known, KeyUsed>) {
          return keys_.mark_used(known.key, known.at);
        } else if constexpr (std::is_same_v<Known, OtherChange>) {
          return run_apart(known);
        } else {
          known.outcome = host_keys_.learn(known.owner, known.presented, known.at);
          return {};
        }
      },
      record);
}

}  // namespace bastion::store
