// Writes recordings, by a thread of its own: whoever has something to record puts it into a bounded queue and goes on.
// What waits there is written a fraction of a second later.
//
// Where the disk does not take it, or takes it too slowly, what does not fit is missing in that recording, which says
// so (`m` event); nobody waits for it. is_full() says that this is so now, and is_behind() that it may soon be.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bastion/base/record_policy.h"
#include "bastion/base/result.h"
#include "bastion/record/library.h"
#include "bastion/record/tape.h"

namespace bastion::metrics {
struct Counters;
}

namespace bastion::record {

struct Pace {
  std::chrono::milliseconds flush{200};  // how long something waits before it is written
  // How long the thread may take for what it has before the disk counts as full.
  std::chrono::milliseconds patience{2000};
  std::chrono::milliseconds try_again{1000};  // between two looks whether a full disk takes something again
};

class Recorder {
 public:
  // Bytes that wait.
  static constexpr std::size_t kCapacity = std::size_t{16} * 1024 * 1024;
  // Of one recording: whoever makes the most of it leaves room for the others.
  static constexpr std::size_t kShare = kCapacity / 2;
  static constexpr std::size_t kBehind = std::size_t{2} * 1024 * 1024;
  // Between two looks whether recordings are too old.
  static constexpr std::chrono::hours kPrune{1};

  // One recording, for whoever has what is to be in it. From one thread at a time. Destroying it ends the recording.
  class Track {
   public:
    Track(Recorder& recorder, std::shared_ptr<Tape> tape);
    ~Track();
    Track(const Track&) = delete;
    Track& operator=(const Track&) = delete;

    void hear(Stream stream, std::string_view bytes);
    void resize(std::uint32_t width, std::uint32_t height);
    void mark(std::string_view text);

   private:
    [[nodiscard]] std::chrono::microseconds now() const;

    Recorder& recorder_;
    std::shared_ptr<Tape> tape_;
    std::chrono::steady_clock::time_point began_;
  };

  // `folder` is there, and nobody else's. The counters outlive it.
  Recorder(std::filesystem::path folder, metrics::Counters& counters, WriteCall call = {}, const Pace& pace = {});
  [[nodiscard]] Result<> start();
  // As close(), however long that takes.
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // From any thread. The recorder outlives its tracks.
  [[nodiscard]] std::unique_ptr<Track> begin(const Header& header);
  // A session that was to be recorded was not, because is_full(): for the counters.
  void note_not_recorded(RecordWhenFull fate);
  // From any thread: what is kept from now on.
  void keep(const Keep& keep);
  // Nothing that begins now would be complete.
  [[nodiscard]] bool is_full() const;
  // Whoever records is to read no more for a moment, so that nothing gets lost. Never for longer than its patience.
  [[nodiscard]] bool is_behind() const;

  // Writes what is queued, and ends the thread. By its owner's thread. False: it is held up by the disk; then the
  // recorder may not be destroyed.
  [[nodiscard]] bool close(std::chrono::milliseconds within);

 private:
  enum class What : std::uint8_t { output, errors, input, resize, marker, end };
  struct Event {
    std::shared_ptr<Tape> tape;
    std::chrono::microseconds at;
    What what;
    std::size_t size;
  };
  struct Batch {
    std::vector<Event> events;
    std::string bytes;  // of all of them, one after another
  };

  void push(const std::shared_ptr<Tape>& tape, std::chrono::microseconds at, What what, std::string_view bytes);
  void run();
  // Whether more may follow.
  [[nodiscard]] bool wait(Batch& batch);
  void write(const Batch& batch);
  void finish(Batch& batch);
  void flush(Tape& tape);
  void probe();
  void prune();
  [[nodiscard]] bool is_stuck() const;

  const std::filesystem::path folder_;
  metrics::Counters& counters_;
  const WriteCall write_;
  const Pace pace_;

  std::mutex mutex_;
  std::condition_variable something_;
  std::condition_variable end_;
  Batch queue_;  // guarded by mutex_, as what follows
  Keep keep_{};
  bool prune_now_ = true;
  bool closed_ = false;
  bool ended_ = false;

  std::atomic<std::size_t> waiting_ = 0;                  // bytes, also of what is being written
  std::atomic<std::chrono::steady_clock::rep> busy_ = 0;  // since when the thread writes what it has; 0: it does not
  std::atomic<bool> failing_ = false;               // something could not be written, and probe() has not been since
  std::chrono::steady_clock::time_point pruned_{};  // the thread's own, as what follows
  std::chrono::steady_clock::time_point probed_{};  // or begun to fail
  Compressor compressor_;
  std::thread thread_;
};

}  // namespace bastion::record
