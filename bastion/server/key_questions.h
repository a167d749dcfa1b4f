// Which questions for keys of users are to be asked now (external_keys.h): each at once, a few at a time, and of one
// source fewer; an answer is kept for a moment, so that a client that shows five keys asks once. Pure: time is an
// argument.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "bastion/auth/external_keys.h"
#include "bastion/base/network.h"

namespace bastion::server {

class KeyQuestions {
 public:
  using Time = std::chrono::milliseconds;
  using Answer = auth::ExternalKeys::Answer;
  struct Limits {
    std::size_t running = 4;
    std::size_t running_of_one = 2;  // source
    std::size_t waiting = 64;
    std::size_t waiting_of_one = 16;
    std::size_t kept = 1024;
  };
  enum class Then : std::uint8_t {
    known,          // answer() has it
    waits,          // somebody has asked it, or this one has
    refuse,         // too many wait
    refuse_source,  // or of that source alone
  };

  explicit KeyQuestions(Time keep) : keep_(keep) {}
  KeyQuestions(Time keep, const Limits& limits) : keep_(keep), limits_(limits) {}

  // `question` is what tells it from others; nothing for `source`: whoever asks is no stranger.
  [[nodiscard]] Then ask(const std::string& question, const std::optional<Network>& source, Time now);
  [[nodiscard]] const Answer& answer(const std::string& question) const { return *entries_.at(question).answer; }
  // One that is to be asked now, which is under way from then on; nothing while as many are as may be.
  [[nodiscard]] std::optional<std::string> next();
  // How one has ended that was under way.
  void over(const std::string& question, Answer answer, Time now);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::optional<Network> source;
    bool is_running = false;
    std::optional<Answer> answer = std::nullopt;
    Time until{0};  // then it is asked again
  };
  struct Share {
    std::size_t running = 0;
    std::size_t waiting = 0;
  };

  void forget(Time now);

  Time keep_;
  Limits limits_{};
  std::map<std::string, Entry> entries_;
  std::map<std::optional<Network>, Share> shares_;  // of those that are not over
  std::deque<std::string> waiting_;
  std::deque<std::string> answered_;  // the oldest first
  std::size_t running_ = 0;
};

}  // namespace bastion::server
