// How long a peer may be silent: asked some questions, an interval apart, and given up when it answers none. Pure; the
// clock is whoever calls tick().
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

namespace bastion::upstream {

class Silence {
 public:
  // What has been read so far, in bytes.
  struct Heard {
    std::uint64_t peer = 0;
    // Of what the peer is reached through. While that is silent too, nothing can be said about what is behind it.
    std::optional<std::uint64_t> carrier = {};
  };
  enum class Verdict : std::uint8_t { fine, ask, ask_carrier_too, give_up };

  explicit Silence(int count) : count_(count) {}

  // Once an interval. A byte may come right behind a tick, so from the last byte to giving up pass at least `count` + 1
  // intervals, at most `count` + 2.
  [[nodiscard]] Verdict tick(const Heard& heard) {
    if (std::exchange(heard_.peer, heard.peer) != heard.peer) {
      unanswered_ = 0;
      return Verdict::fine;
    }
    if (unanswered_ == count_)
      return heard.carrier && heard.carrier == heard_.carrier ? Verdict::fine : Verdict::give_up;
    heard_.carrier = heard.carrier;
    return ++unanswered_ == count_ && heard.carrier ? Verdict::ask_carrier_too : Verdict::ask;
  }
  // We have not been listening: that is held against nobody.
  void forgive() { unanswered_ = 0; }

 private:
  int count_;
  Heard heard_;  // of the carrier: when the last question was asked
  int unanswered_ = 0;
};

}  // namespace bastion::upstream
