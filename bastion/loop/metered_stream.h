// A stream that keeps to an allowance, which it shares with others. It holds nothing back itself: when it has moved
// much, it is not read for a while and seems to be full, so that whoever feeds it stops.
#pragma once

#include <memory>

#include "bastion/base/byte_stream.h"
#include "bastion/loop/allowance.h"
#include "bastion/loop/timer.h"

namespace bastion::loop {

class Loop;

class MeteredStream final : public ByteStream, private ByteStream::Reader {
 public:
  // What is this small goes through at once, though it is counted: keystrokes, and what says how far a peer has read.
  static constexpr std::size_t kSmall = 2048;
  // Nobody waits for longer than that at a time: peers ask one another whether they are there.
  static constexpr std::chrono::milliseconds kLongest{10'000};

  MeteredStream(Loop& loop, std::unique_ptr<ByteStream> stream, std::shared_ptr<Allowance> allowance);
  ~MeteredStream() override;

  void read_to(ByteStream::Reader* reader) override;
  [[nodiscard]] MutableBytes prepare(std::size_t size) override { return stream_->prepare(size); }
  void commit(std::size_t size) override;
  [[nodiscard]] std::size_t backlog() const override;
  [[nodiscard]] Delivery delivery() const override { return stream_->delivery(); }
  void end() override;
  void pause() override;
  void resume() override;

 private:
  [[nodiscard]] MutableBytes space(std::size_t size) override { return reader_->space(size); }
  void on_bytes(MutableBytes bytes) override;
  void on_drained() override;
  void on_eof() override { reader_->on_eof(); }
  void on_lost(const Error& why) override;
  void count(std::size_t size);
  void go_on();

  std::unique_ptr<ByteStream> stream_;
  std::shared_ptr<Allowance> allowance_;
  ByteStream::Reader* reader_ = nullptr;
  Timer due_;
  bool waits_ = false;   // for what was moved to be paid for
  bool paused_ = false;  // by its reader
  bool ending_ = false;
};

}  // namespace bastion::loop
