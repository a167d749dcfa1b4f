#include "bastion/loop/metered_stream.h"

#include <algorithm>
#include <utility>

#include "bastion/loop/loop.h"

namespace bastion::loop {

MeteredStream::MeteredStream(Loop& loop, std::unique_ptr<ByteStream> stream, std::shared_ptr<Allowance> allowance)
    : stream_(std::move(stream)), allowance_(std::move(allowance)), due_(loop, [this] { go_on(); }) {}

MeteredStream::~MeteredStream() { stream_->read_to(nullptr); }

void MeteredStream::read_to(ByteStream::Reader* reader) {
  reader_ = reader;
  stream_->read_to(reader == nullptr ? nullptr : this);
}

void MeteredStream::commit(std::size_t size) {
  stream_->commit(size);
  count(size);
}

std::size_t MeteredStream::backlog() const { return stream_->backlog() + (waits_ ? kHighWater + 1 : 0); }

void MeteredStream::end() {
  ending_ = true;
  stream_->end();
}

void MeteredStream::pause() {
  paused_ = true;
  stream_->pause();
}

void MeteredStream::resume() {
  paused_ = false;
  if (!waits_) stream_->resume();
}

void MeteredStream::on_bytes(MutableBytes bytes) {
  count(bytes.size());
  reader_->on_bytes(bytes);
}

// While it waits it seems to be full, and go_on() says that it is not any more.
void MeteredStream::on_drained() {
  if (!waits_ || ending_) reader_->on_drained();
}

void MeteredStream::on_lost(const Error& why) {
  due_.stop();
  waits_ = false;
  std::exchange(reader_, nullptr)->on_lost(why);
}

void MeteredStream::count(std::size_t size) {
  const auto now = Loop::instant();
  const auto left = allowance_->spend(size, now) - now;
  if (size <= kSmall || waits_ || left <= Allowance::Time::zero()) return;
  waits_ = true;
  stream_->pause();
  due_.start(std::min(std::chrono::ceil<std::chrono::milliseconds>(left), kLongest));
}

void MeteredStream::go_on() {
  waits_ = false;
  if (!paused_) stream_->resume();
  if (reader_ != nullptr && !ending_ && stream_->backlog() <= kHighWater) reader_->on_drained();
}

}  // namespace bastion::loop
