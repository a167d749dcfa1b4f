// Two wires end to end: what is read from one is written to the other, each end of file is passed on, and neither side
// may run ahead of the other by more than a wire's backlog.
#pragma once

#include <functional>

#include "bastion/base/wire.h"

namespace bastion {

class Splice {
 public:
  // Both wires must outlive the splice. `on_over` is called once, when nothing more will pass: both sides have said
  // all they had to say and it is delivered, or one of them is gone. It may come from inside any call of a wire, so
  // bury what it ends.
  Splice(Wire& left, Wire& right, std::function<void()> on_over);
  ~Splice();
  Splice(const Splice&) = delete;
  Splice& operator=(const Splice&) = delete;

  // Delivers what the wires have kept back so far.
  void start();

 private:
  // Reads `from` and writes to `to`.
  struct Half final : Wire::Reader {
    Half(Splice& in, Wire& read, Wire& written) : splice(in), from(read), to(written) {}
    void on_bytes(MutableBytes bytes) override;
    void on_drained() override;
    void on_eof() override;
    void on_lost(const Error& why) override;

    Splice& splice;
    Wire& from;
    Wire& to;
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
