// Something that stands in the way of the data of one channel, from its start on: it may change bytes in place and keep
// some back for later. It adds none and takes none, so the windows stay those of the two ends.
//
// The delegate gives one with what it says to a start (Pass, Replace); the channel owns it. It stays until the start is
// refused by the container, or the channel is over; until then nothing else is started in the session.
#pragma once

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "bastion/connection/side.h"

namespace bastion::connection {

class ChannelFilter {
 public:
  virtual ~ChannelFilter() = default;

  struct Passed {
    ByteVector before{};  // kept back until now; goes first
    MutableBytes rest{};  // of what was given, from its beginning
  };
  // DATA on its way from `from` to the other side. What was kept back when a side says EOF is lost: it must mean
  // nothing by itself. The error is a sentence for the user, and the session ends. As an observer's, the call has to
  // return at once, and the relay must not be called from it.
  [[nodiscard]] virtual Result<Passed> pass(Side from, MutableBytes data) = 0;
};

}  // namespace bastion::connection
