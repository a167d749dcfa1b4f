// One channel of a user's connection, and the table of them. Both sides know the channel by the same number of ours, so
// that one look-up serves either direction.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/connection/channel_end.h"
#include "bastion/connection/channel_filter.h"
#include "bastion/connection/message.h"
#include "bastion/connection/observation.h"
#include "bastion/connection/side.h"

namespace bastion::connection {

class LocalSession;

struct RelayedChannel {
  // Where it leads.
  enum class Course : std::uint8_t {
    relayed,    // from the user to the container
    undecided,  // a session that was confirmed at once; when it says what it wants, the delegate says where it leads
    served,     // the bastion is its other end (LocalChannels)
    refused,    // nowhere: the user is being told why
  };

  // A start we have refused: the session ends when the container's answer to it is due.
  struct RefusedStart {
    std::uint32_t answers = 0;  // of the container, until then
    bool want_reply = false;
  };

  Side opener = Side::user;
  Course course = Course::relayed;
  ChannelEnd user{};
  ChannelEnd container{};
  bool is_session = false;
  bool has_terminal = false;
  // Confirmed to the user before the container has: with window 0, so that only requests, EOF and CLOSE can come; they
  // wait in `held`.
  bool confirmed_early = false;
  // To the delegate. While it is pending the number is not free, whatever becomes of the channel.
  enum class Offered : std::uint8_t { no, pending, answered };
  Offered offered = Offered::no;
  bool is_forwarded = false;  // the other end has heard of it
  std::vector<ByteVector> held{};
  std::uint32_t granted = 0;  // what the user might still send when we stopped serving her
  std::uint32_t early = 0;    // how much of that she has sent before the container was there
  // Requests of an undecided session that were granted before anybody could be asked. They are held as they came; the
  // container's answers to them, if it ever gives any, go nowhere.
  std::deque<std::string> granted_early{};
  bool exit_told = false;        // exit-status or exit-signal went to the user, or waits for the window
  std::uint32_t unanswered = 0;  // requests of the user's session that the container has yet to answer
  std::optional<RefusedStart> refused_start{};
  std::string refusal{};  // of a refused one: why
  std::uint32_t refusal_status = 0;
  bool refusal_waits = false;  // for her window
  std::unique_ptr<ChannelFilter> filter{};
  std::uint32_t filter_answers = 0;  // of the container, up to the one to the start that it came with; 0: it has come
  LocalSession* session = nullptr;   // of a served one, where it is a session
  Observation observation{};         // of what passes between the user and the container

  [[nodiscard]] ChannelEnd& at(Side side) { return side == Side::user ? user : container; }
  [[nodiscard]] bool is_open() const { return user.number && container.number; }
  // Nothing may be held behind a CLOSE.
  [[nodiscard]] bool held_close() const {
    return !held.empty() && held.back().front() == static_cast<std::uint8_t>(Number::channel_close);
  }
  // The container was opening it, and the user's answer is still to come: its number is not free before.
  [[nodiscard]] bool awaits_user() const { return opener == Side::container && !user.number; }
  [[nodiscard]] bool is_over() const {
    const auto through = [](const ChannelEnd& peer) { return !peer.number || peer.closing.is_over(); };
    return offered != Offered::pending && !awaits_user() && through(user) && through(container);
  }
};

class ChannelTable {
 public:
  // OpenSSH's client opens a channel for every forwarded connection; this many is a lot of them.
  static constexpr std::size_t kMaxChannels = 4096;

  // A number is used again when so many others have become free after it: what is said too late of a channel is for
  // none then, and not for the next one.
  static constexpr std::size_t kResting = 64;

  using Channels = std::map<std::uint32_t, RelayedChannel>;

  [[nodiscard]] bool full() const { return channels_.size() >= kMaxChannels; }
  [[nodiscard]] bool empty() const { return channels_.empty(); }
  [[nodiscard]] std::size_t size() const { return channels_.size(); }

  template <typename Is>
  [[nodiscard]] std::size_t count(Is is) const {
    return static_cast<std::size_t>(std::ranges::count_if(channels_, is, &Channels::value_type::second));
  }

  std::pair<std::uint32_t, RelayedChannel*> add(RelayedChannel channel) {
    std::uint32_t number = 0;
    if (free_.size() > kResting) {
      number = free_.front();
      free_.pop_front();
    } else {
      number = next_++;
    }
    return {number, &channels_.emplace(number, std::move(channel)).first->second};
  }
  [[nodiscard]] RelayedChannel* find(std::uint32_t number) {
    const auto found = channels_.find(number);
    return found == channels_.end() ? nullptr : &found->second;
  }
  // Whether a channel once had this number.
  [[nodiscard]] bool knew(std::uint32_t number) const { return number < next_; }
  void remove(std::uint32_t number) {
    if (channels_.erase(number) != 0) free_.push_back(number);
  }
  [[nodiscard]] std::vector<std::uint32_t> numbers() const {
    std::vector<std::uint32_t> all;
    all.reserve(channels_.size());
    for (const auto& [number, channel] : channels_) all.push_back(number);
    return all;
  }

 private:
  Channels channels_;
  std::deque<std::uint32_t> free_;
  std::uint32_t next_ = 0;
};

}  // namespace bastion::connection
