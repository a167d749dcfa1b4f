#include "store/writer.h"

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/match.h"
#include "bastion/base/thread.h"
#include "store/busy.h"

namespace bastion::store {
namespace {

// How often the log says at most that records are dropped.
constexpr std::chrono::minutes kSilence{1};

}  // namespace

// Whose record it is, for the log: the session's id, where it is of one.
std::string Writer::id_of(const Record& record) {
  return std::visit(Match{[](const SessionOpened& session) { return session.id; },
                          [](const SessionRouted& session) { return session.id; },
                          [](const SessionClosed& session) { return session.id; },
                          [](const AuditEntry& entry) { return entry.session.empty() ? entry.action : entry.session; },
                          [](const KeyUsed&) { return std::string("key"); },
                          [](const LearnHostKey&) { return std::string("host-key"); },
                          [](const OtherChange&) { return std::string("change"); }},
                    record);
}

Result<std::unique_ptr<Writer>> Writer::open(const std::filesystem::path& file) {
  auto database = Database::open(file, Database::Access::change);
  if (!database) return std::unexpected(std::move(database.error()));
  // Nobody waits for a record, so it need not be on the disk when the next one comes.
  if (auto lazy = database->set_on_disk(Database::OnDisk::later); !lazy)
    return std::unexpected(std::move(lazy.error()));
  auto writer = std::make_unique<Writer>(*std::move(database));
  if (auto started = writer->start(); !started) return std::unexpected(std::move(started.error()));
  return writer;
}

Result<std::unique_ptr<Writer>> Writer::open(const std::filesystem::path& file, Database common) {
  auto writer = open(file);
  if (!writer) return writer;
  (*writer)->common_ = std::make_unique<Writer>(std::move(common), Scope::common);
  if (auto started = (*writer)->common_->start(); !started) return std::unexpected(std::move(started.error()));
  return writer;
}

Writer::Writer(Database database, Scope scope)
    : scope_(scope),
      database_(std::move(database)),
      sessions_(database_),
      audit_(database_),
      keys_(database_),
      host_keys_(database_) {
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
  if (common_) common_->close();
}

void Writer::session_opened(SessionOpened session) { put(std::move(session)); }
void Writer::session_routed(SessionRouted session) { put(std::move(session)); }
void Writer::session_closed(SessionClosed session) { put(std::move(session)); }
void Writer::audit(AuditEntry entry) { put(std::move(entry)); }
void Writer::key_used(KeyUsed use) { put(use); }

void Writer::learn_host_key(const HostKeyOwner& owner, Presented presented, Learned learned) {
  put(LearnHostKey{owner, std::move(presented), std::move(learned), std::nullopt, {}});
}

void Writer::change(std::string what, Change change) {
  put(OtherChange{.what = std::move(what), .change = std::move(change), .is_common = true});
}

void Writer::change_here(std::string what, Change change) {
  put(OtherChange{.what = std::move(what), .change = std::move(change)});
}

bool Writer::is_common(const Record& record) {
  const auto* const other = std::get_if<OtherChange>(&record);
  return other != nullptr ? other->is_common : std::holds_alternative<LearnHostKey>(record);
}

void Writer::put(Record record) {
  if (common_ && is_common(record)) return common_->put(std::move(record));
  {
    const std::scoped_lock lock(mutex_);
    if (held_ + queue_.size() < kCapacity) {
      queue_.push_back(std::move(record));
      wake_.notify_one();
      return;
    }
    ++lost_;
    dropped_.last = id_of(record);
    if (dropped_.count++ == 0) dropped_.first = dropped_.last;
  }
  if (auto* learning = std::get_if<LearnHostKey>(&record)) {
    learning->learned(fail("{}", kBusyText));  // too much is waiting to be written
  }
}

void Writer::run() {
  Batch batch;
  for (bool last = false; !last;) {
    last = wait_for_more(batch);
    if (!batch.empty() && !contained("the writing of records", [&] { write(batch); })) {
      log::error("records lost count={} first={} last={}", batch.size(), id_of(batch.front()), id_of(batch.back()));
      count(0, batch.size());
      batch.clear();
    }
  }
  if (!batch.empty()) {
    log::error("records lost count={} first={} last={}", batch.size(), id_of(batch.front()), id_of(batch.back()));
  }
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  wake_.notify_all();
}

bool Writer::wait_for_more(Batch& batch) {
  std::unique_lock lock(mutex_);
  held_ = batch.size();
  const auto is_more = [this] { return ending_ || !queue_.empty(); };
  if (batch.empty() && dropped_.count == 0) {
    wake_.wait(lock, is_more);
  } else if (batch.empty()) {
    wake_.wait_for(lock, kSilence, is_more);  // then the log gets the rest of what was dropped
  } else {
    wake_.wait_for(lock, kTryAgain, [this] { return ending_; });
  }
  std::ranges::move(queue_, std::back_inserter(batch));
  queue_.clear();
  held_ = batch.size();
  const bool tell = ending_ || std::chrono::steady_clock::now() - told_dropped_ > kSilence;
  const auto dropped = tell ? std::exchange(dropped_, {}) : Dropped{};
  const bool last = ending_;  // nothing is put any more: what is there now is the rest
  lock.unlock();
  tell_dropped(dropped);
  return last;
}

void Writer::tell_dropped(const Dropped& dropped) {
  if (dropped.count == 0) return;
  told_dropped_ = std::chrono::steady_clock::now();
  log::error("too many records wait to be written: records lost count={} first={} last={}", dropped.count,
             dropped.first, dropped.last);
}

void Writer::count(std::uint64_t written, std::uint64_t lost) {
  const std::scoped_lock lock(mutex_);
  written_ += written;
  lost_ += lost;
}

Writer::Counts Writer::counts() {
  auto counts = common_ ? common_->counts() : Counts{};
  const std::scoped_lock lock(mutex_);
  counts.queued += held_ + queue_.size();
  counts.written += written_;
  counts.lost += lost_;
  return counts;
}

void Writer::write(Batch& batch) {
  const auto began = std::chrono::steady_clock::now();
  const auto written = scope_ == Scope::common ? write_each(batch) : write_all(batch);
  if (written) {
    commit_time_.observe(
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began));
    count(batch.size(), 0);
  }
  answer(batch, written);
  if (!written && !std::exchange(waiting_, true)) {
    log::error("records wait to be written count={} first={} detail={:?}", batch.size(),
               batch.empty() ? "-" : id_of(batch.front()), written.error().text);
  }
  if (!written) return;
  if (std::exchange(waiting_, false)) log::info("records are written again count={}", batch.size());
  batch.clear();
}

// Whoever waits for a record is told what came of it, and does not wait for another attempt.
void Writer::answer(Batch& batch, const Result<>& written) {
  for (auto& record : batch) {
    auto* const learning = std::get_if<LearnHostKey>(&record);
    if (learning == nullptr) continue;
    if (written && learning->outcome) {
      if (!learning->name.empty()) {
        log::info("host key learned of={} key={}", learning->name, learning->presented.fingerprint);
      }
      learning->learned(*std::move(learning->outcome));
    } else {
      learning->learned(written ? fail("it was not written") : std::unexpected(written.error()));
    }
  }
  std::erase_if(batch, [](const Record& record) { return std::holds_alternative<LearnHostKey>(record); });
}

// One record that cannot be written must not take the others with it.
Result<> Writer::write_all(Batch& batch) {
  for (;;) {
    const auto before = batch.size();
    auto written = write_once(batch);
    if (written || batch.size() == before) return written;
  }
}

Result<> Writer::write_once(Batch& batch) {
  return database_.change_here([&]() -> Result<> {
    for (auto record = batch.begin(); record != batch.end();) {
      const auto written = write_one(*record);
      if (written) {
        ++record;
        continue;
      }
      const auto failure = database_.last_failure();
      if (failure == Database::Failure::passes || std::holds_alternative<LearnHostKey>(*record)) return written;
      log::error("record lost id={} detail={:?}", id_of(*record), written.error().text);
      record = batch.erase(record);
      count(0, 1);
      if (failure == Database::Failure::of_the_file) return written;
    }
    return {};
  });
}

// What fails because others are away or busy is tried again, with what follows it. That a change itself is wrong is for
// the log.
Result<> Writer::write_each(Batch& batch) {
  while (!batch.empty()) {
    bool can_be_written = true;
    const auto written = database_.change([&]() -> Result<> {
      const auto done = write_one(batch.front());
      can_be_written = done || database_.last_failure() == Database::Failure::passes;
      return done;
    });
    if (!written && can_be_written) return written;
    if (!written) log::error("record lost id={} detail={:?}", id_of(batch.front()), written.error().text);
    Batch one;
    one.push_back(std::move(batch.front()));
    batch.erase(batch.begin());
    answer(one, written);
    count(written ? 1 : 0, written ? 0 : 1);
  }
  return {};
}

// All of it or nothing, whatever becomes of the other records.
Result<> Writer::run_apart(OtherChange& other) {
  if (auto begun = database_.run("SAVEPOINT other_change"); !begun) return begun;
  auto done = other.change(database_);
  if (!done && database_.last_failure() != Database::Failure::of_the_row) return done;
  if (!done) std::ignore = database_.run("ROLLBACK TO other_change");
  if (auto ended = database_.run("RELEASE other_change"); !ended) return ended;
  return done ? done : fail("{}: {}", other.what, done.error().text);
}

// That there is nothing to learn is an outcome; that it cannot be written is not.
Result<> Writer::learn(LearnHostKey& learning) {
  const auto& presented = learning.presented;
  learning.outcome = host_keys_.learn(learning.owner, presented.blob, presented.at);
  if (!*learning.outcome && database_.last_failure() != Database::Failure::of_the_row) {
    return std::unexpected(learning.outcome->error());
  }
  if (!*learning.outcome || !(*learning.outcome)->front().is_new) return {};
  auto name = host_keys_.name_of(learning.owner);
  if (!name) return std::unexpected(name.error());
  learning.name = *std::move(name);
  return audit_.add({.at = presented.at,
                     .actor = "-",
                     .action = "learn-host-key",
                     .subject = learning.name,
                     .outcome = "done",
                     .key_fingerprint = presented.fingerprint});
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
          return learn(known);
        }
      },
      record);
}

}  // namespace bastion::store
