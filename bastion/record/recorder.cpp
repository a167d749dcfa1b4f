#include "bastion/record/recorder.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/thread.h"
#include "bastion/metrics/counters.h"

namespace bastion::record {
namespace {

using Clock = std::chrono::steady_clock;

// Enough for a frame of each recording there may be.
constexpr std::size_t kProbe = 64 * 1024;
// Written at once, however short it waits.
constexpr std::size_t kHurry = std::size_t{512} * 1024;
// What an empty batch may keep of its memory.
constexpr std::size_t kKept = std::size_t{1024} * 1024;
// What an event costs beside its bytes.
constexpr std::size_t kEventCost = 48;

}  // namespace

Recorder::Track::Track(Recorder& recorder, std::shared_ptr<Tape> tape)
    : recorder_(recorder), tape_(std::move(tape)), began_(Clock::now()) {}

Recorder::Track::~Track() { recorder_.push(tape_, now(), What::end, {}); }

std::chrono::microseconds Recorder::Track::now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began_);
}

void Recorder::Track::hear(Stream stream, std::string_view bytes) {
  const auto what = stream == Stream::output ? What::output : stream == Stream::errors ? What::errors : What::input;
  if (!bytes.empty()) recorder_.push(tape_, now(), what, bytes);
}

void Recorder::Track::resize(std::uint32_t width, std::uint32_t height) {
  recorder_.push(tape_, now(), What::resize, text_of_size(width, height));
}

void Recorder::Track::mark(std::string_view text) { recorder_.push(tape_, now(), What::marker, text); }

Recorder::Recorder(std::filesystem::path folder, metrics::Counters& counters, WriteCall call, const Pace& pace)
    : folder_(std::move(folder)),
      counters_(counters),
      write_(call ? std::move(call) : WriteCall(::write)),
      pace_(pace) {}

Recorder::~Recorder() {
  std::ignore = close(std::chrono::milliseconds::zero());
  if (thread_.joinable()) thread_.join();
}

Result<> Recorder::start() {
  auto thread = start_thread([this] { run(); });
  if (!thread) return std::unexpected(std::move(thread.error()));
  thread_ = *std::move(thread);
  return {};
}

bool Recorder::close(std::chrono::milliseconds within) {
  {
    std::unique_lock lock(mutex_);
    closed_ = true;
    something_.notify_one();
    if (thread_.joinable() && !end_.wait_for(lock, within, [this] { return ended_; })) return false;
  }
  if (thread_.joinable()) thread_.join();
  return true;
}

std::unique_ptr<Recorder::Track> Recorder::begin(const Header& header) {
  counters_.recordings.bump();
  auto tape =
      std::make_shared<Tape>(folder_ / file_name(header.subject.session, header.subject.number), line_of(header));
  auto track = std::make_unique<Track>(*this, tape);
  push(tape, {}, What::output, {});  // so that it is there from its beginning
  return track;
}

void Recorder::note_not_recorded(RecordWhenFull fate) {
  (fate == RecordWhenFull::refuse ? counters_.recordings_refused : counters_.recordings_left_out).bump();
}

void Recorder::keep(const Keep& keep) {
  const std::lock_guard lock(mutex_);
  keep_ = keep;
  prune_now_ = true;
  something_.notify_one();
}

bool Recorder::is_stuck() const {
  const auto since = busy_.load();
  return since != 0 && Clock::now() - Clock::time_point(Clock::duration(since)) > pace_.patience;
}
bool Recorder::is_full() const { return failing_ || is_stuck(); }
bool Recorder::is_behind() const { return waiting_ > kBehind && !is_stuck(); }

// The end is heard in any case: the file is closed by it.
void Recorder::push(const std::shared_ptr<Tape>& tape, std::chrono::microseconds at, What what,
                    std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  const auto cost = bytes.size() + kEventCost;
  const bool has_room = waiting_ + cost <= kCapacity && tape->waiting() + cost <= kShare;
  if (closed_ || (!has_room && what != What::end)) return tape->lose(bytes.size());
  const bool was_empty = queue_.events.empty();
  queue_.events.push_back({tape, at, what, bytes.size()});
  queue_.bytes += bytes;
  waiting_ += cost;
  tape->waiting() += cost;
  if (was_empty || queue_.bytes.size() >= kHurry) something_.notify_one();
}

void Recorder::run() {
  ::pthread_setname_np(::pthread_self(), "recorder");
  Batch batch;
  for (bool goes_on = true; goes_on;) {
    goes_on = wait(batch);
    busy_ = Clock::now().time_since_epoch().count();
    if (!contained("writing recordings", [&] { write(batch); })) {
      for (const auto& event : batch.events) event.tape->lose(event.size);
    }
    finish(batch);
    busy_ = 0;
    if (failing_) contained("a look at the disk of recordings", [&] { probe(); });
    contained("taking old recordings away", [&] { prune(); });
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  end_.notify_one();
}

bool Recorder::wait(Batch& batch) {
  std::unique_lock lock(mutex_);
  const auto is_needed = [this] { return closed_ || prune_now_ || !queue_.events.empty(); };
  something_.wait_for(lock, failing_ ? pace_.try_again : std::chrono::milliseconds(kPrune), is_needed);
  if (!queue_.events.empty()) {
    something_.wait_for(lock, pace_.flush, [this] { return closed_ || queue_.bytes.size() >= kHurry; });
  }
  std::swap(batch, queue_);
  return !closed_;
}

void Recorder::write(const Batch& batch) {
  std::vector<Tape*> touched;
  std::string_view bytes = batch.bytes;
  for (const auto& event : batch.events) {
    const auto text = bytes.substr(0, event.size);
    bytes.remove_prefix(event.size);
    switch (event.what) {
      case What::output: event.tape->hear(event.at, Stream::output, text); break;
      case What::errors: event.tape->hear(event.at, Stream::errors, text); break;
      case What::input: event.tape->hear(event.at, Stream::input, text); break;
      case What::resize: event.tape->resize(event.at, text); break;
      case What::marker: event.tape->mark(event.at, text); break;
      case What::end: event.tape->end(event.at); break;
    }
    touched.push_back(event.tape.get());
  }
  std::ranges::sort(touched);
  const auto doubles = std::ranges::unique(touched);
  touched.erase(doubles.begin(), doubles.end());
  for (auto* const tape : touched) flush(*tape);
}

void Recorder::finish(Batch& batch) {
  for (const auto& event : batch.events) event.tape->waiting() -= event.size + kEventCost;
  waiting_ -= batch.bytes.size() + batch.events.size() * kEventCost;
  batch.events.clear();
  batch.bytes.clear();
  if (batch.bytes.capacity() > kKept) batch.bytes = {};
}

void Recorder::flush(Tape& tape) {
  if (const auto flushed = tape.flush(compressor_, write_); !flushed) {
    if (!failing_.exchange(true)) {
      probed_ = Clock::now();
      log::error("recordings cannot be written: {}", flushed.error().text);
    }
  }
  if (!tape.has_ended() || tape.missing_in_all() == 0) return;
  counters_.recordings_cut.bump();
  log::warning("a recording is not complete file={} missing={}", tape.file().filename().string(),
               tape.missing_in_all());
}

// Whether there is room again can be told only by using it, and by a new file: one that is open may still be written
// where none can be made.
void Recorder::probe() {
  if (Clock::now() - probed_ < pace_.try_again) return;
  probed_ = Clock::now();
  const auto file = folder_ / ".room";
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return;
  const std::string room(kProbe, '\0');
  const auto written = write_(descriptor, room.data(), room.size());
  ::close(descriptor);
  ::unlink(file.c_str());
  if (written != static_cast<ssize_t>(kProbe)) return;
  failing_ = false;
  log::info("recordings are written again");
}

void Recorder::prune() {
  Keep keep;
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(prune_now_, false) && Clock::now() - pruned_ < kPrune) return;
    keep = keep_;
  }
  pruned_ = Clock::now();
  if (const auto pruned = record::prune(folder_, keep, unix_now()); !pruned) {
    log::warning("recordings that are too old stay: {}", pruned.error().text);
  } else if (*pruned > 0) {
    log::info("recordings taken away that were too old or too many count={}", *pruned);
  }
}

}  // namespace bastion::record
