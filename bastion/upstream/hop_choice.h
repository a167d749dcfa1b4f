// Which of the hops to a backend a new login takes, and whether the backend is to get one more. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace bastion::upstream {

// For each use a backend has at most this many hops of one worker.
inline constexpr std::size_t kMostHops = 4;
// With more channels than this a hop is crowded: its loss would hit many at once.
inline constexpr std::size_t kCrowd = 100;

// What a login is going to do, as far as one can know: a terminal has small packets, which wait for nothing so much as
// for somebody else's large ones. So the two have hops of their own.
enum class Use : std::uint8_t {
  terminal,
  anything,
  question,  // one of ours, soon over: any hop will do, and none is dialled for it but the first
};

// What is opened through a hop. sshd bounds the sessions of a connection (MaxSessions, 10 where nothing is said), and
// its forwards by nothing.
enum class ChannelType : std::uint8_t { direct_tcpip, session };
// A backend that refuses sessions has so many hops of one worker at most, whatever they are used for.
inline constexpr std::size_t kMostHopsForSessions = 16;

struct HopLoad {
  std::size_t channels = 0;
  bool busy = false;  // a newcomer would have to queue behind what is on its way through it
  // Far away one connection carries what its windows hold, and every loss slows down all who share it.
  bool far = false;
  std::optional<Use> use{};  // of those who have its channels; nothing: nobody has any but for a question
};

struct HopChoice {
  enum class Then {
    take,           // the hop named
    take_and_dial,  // the same, and there is to be one more for those who come later
    await_dial,     // one more, worth waiting for; the hop named, if any, is for the case that it cannot be had, or not
                    // soon
  };

  Then then = Then::await_dial;
  std::optional<std::size_t> hop{};  // an index into what was given

  bool operator==(const HopChoice&) const = default;
};

enum class Dialling { possible, not_now };

// `hops` are the usable ones, oldest first. The oldest that serves is taken, so that surplus ones fall idle and go.
[[nodiscard]] HopChoice choose_hop(std::span<const HopLoad> hops, Use use, Dialling dialling);

// Whether there is to be one more that nobody has asked for yet: to a backend far away, where a dial takes long, and
// where everybody but terminals is to have a hop to themselves as long as there may be more of them.
[[nodiscard]] bool wants_spare(std::span<const HopLoad> hops);

}  // namespace bastion::upstream
