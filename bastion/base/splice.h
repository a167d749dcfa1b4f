// Two streams end to end: what is read from one is written to the other, each end of file is passed on, and neither
// side may run ahead of the other by more than a stream's backlog.
#pragma once

#include <functional>

#include "bastion/base/byte_stream.h"

namespace bastion {

class Splice {
 public:
  // Both streams must outlive the splice. `on_over` is called once, when nothing more will pass: both sides have said
  // all they had to say and it is delivered, or one of them is gone. It may come from inside any call of a stream, so
  // defer_delete() what it ends.
  Splice(ByteStream& left, ByteStream& right, std::function<void()> on_over);
  ~Splice();
  Splice(const Splice&) = delete;
  Splice& operator=(const Splice&) = delete;

  // Delivers what the streams have kept back so far.
  void start();

 private:
  // Reads `from` and writes to `to`.
  struct Half final : ByteStream::Reader {
    Half(Splice& in, ByteStream& read, ByteStream& written) : splice(in), from(read), to(written) {}
    void on_bytes(MutableBytes bytes) override;
    void on_drained() override;
    void on_eof() override;
    void on_lost(const Error& why) override;

    Splice& splice;
    ByteStream& from;
    ByteStream& to;
    bool ended = false;  // `from` says no more
    bool lost = false;   // `from` is gone
  };

  [[nodiscard]] Half& opposite(const Half& half) { return &half == &rightward_ ? leftward_ : rightward_; }
  void end_if_over();
  void over();

  std::function<void()> on_over_;
  Half rightward_;
  Half leftward_;
};

}  // namespace bastion
