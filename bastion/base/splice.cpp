#include "bastion/base/splice.h"

#include <utility>

namespace bastion {

Splice::Splice(ByteStream& left, ByteStream& right, std::function<void()> on_over)
    : on_over_(std::move(on_over)), rightward_(*this, left, right), leftward_(*this, right, left) {
  left.read_to(&rightward_);
  right.read_to(&leftward_);
}

Splice::~Splice() {
  rightward_.from.read_to(nullptr);
  leftward_.from.read_to(nullptr);
}

void Splice::start() {
  rightward_.from.resume();
  if (on_over_) leftward_.from.resume();
}

// Bytes for somebody who is gone: whoever still writes learns it by the end of the splice.
void Splice::Half::on_bytes(MutableBytes bytes) {
  if (splice.opposite(*this).lost) return splice.over();
  to.write(bytes);
  if (to.backlog() > ByteStream::kHighWater) from.pause();
}

// `from` has room again: what is read from the opposite side may flow into it.
void Splice::Half::on_drained() {
  splice.opposite(*this).from.resume();
  splice.end_if_over();
}

void Splice::Half::on_eof() {
  ended = true;
  to.end();
  splice.end_if_over();
}

// What it said before is still to be delivered.
void Splice::Half::on_lost(const Error& /*why*/) {
  lost = true;
  if (!std::exchange(ended, true)) to.end();
  splice.end_if_over();
}

void Splice::end_if_over() {
  const auto delivered = [](const Half& half) { return half.ended && half.to.backlog() == 0; };
  const bool both_lost = rightward_.lost && leftward_.lost;
  if (both_lost || ((delivered(rightward_) || leftward_.lost) && (delivered(leftward_) || rightward_.lost))) over();
}

void Splice::over() {
  if (on_over_) std::exchange(on_over_, nullptr)();
}

}  // namespace bastion
