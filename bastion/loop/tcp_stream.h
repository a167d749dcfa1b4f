// A TCP connection as a stream. What one turn of the loop writes leaves in one send.
#pragma once

#include "bastion/base/byte_queue.h"
#include "bastion/base/byte_stream.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/tcp_pulse.h"
#include "bastion/loop/watcher.h"

namespace bastion::loop {

class TcpStream final : public ByteStream, private TurnEnd, private BulkReader {
 public:
  // `fd` is connected and non-blocking. Turns Nagle's delay off. A peer that is gone without a word is lost after
  // `timeout`.
  TcpStream(Loop& loop, Descriptor fd, const TcpTimeout& timeout = {});
  ~TcpStream() override;

  void read_to(Reader* reader) override;
  [[nodiscard]] MutableBytes prepare(std::size_t size) override;
  void commit(std::size_t size) override;
  [[nodiscard]] std::size_t backlog() const override { return unsent_.size(); }
  [[nodiscard]] Delivery delivery() const override { return lost_ ? Delivery::flows : pulse_.delivery(); }
  void end() override;
  void pause() override;
  void resume() override;

  // What a stream on another loop goes on from: the connection, and what the kernel has not taken yet, which is to be
  // written first.
  struct Released {
    Descriptor connection;
    ByteVector unsent;
  };
  // Not from inside a call to its reader. The stream is to be destroyed before anything else is done with the
  // connection.
  [[nodiscard]] Released release();

 private:
  // Fairness: a connection gets one read, then the others have their turn. A packet of bulk (32 KiB and what SSH
  // adds) fits into it.
  static constexpr std::size_t kReadPerTurn = 64 * 1024;

  void on_ready(unsigned readiness);
  template <typename Work>
  void keep_or_lose(Work work);
  void read();
  void acknowledge();
  void flush();
  void at_turn_end() override { flush(); }
  void at_bulk_turn() override;
  void lose(int error);
  void watch();

  Loop& loop_;
  Descriptor fd_;
  Watcher watcher_;
  TcpPulse pulse_;
  Reader* reader_ = nullptr;
  ByteQueue unsent_;
  bool busy_ = false;  // the last read has filled all its space: there is more
  bool paused_ = false;
  bool lost_ = false;
  bool heard_eof_ = false;
  bool ending_ = false;  // end() was asked for, and is done once everything is sent
  bool above_high_water_ = false;
  bool blocked_ = false;  // the kernel takes no more for now
  bool lingers_ = true;   // the kernel may hold acknowledgements back, for what we send to carry them
};

}  // namespace bastion::loop
