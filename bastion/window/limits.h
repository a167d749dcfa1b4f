// How much of the window one user may have open, in all of their connections. Shared by all threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace bastion::window {

// A browser has six connections to one place, and keeps one of them for each page that is live.
inline constexpr std::size_t kMostConversations = 24;
inline constexpr std::size_t kMostLive = 4;

class Limits {
 public:
  enum class Kind : std::uint8_t { conversation, live };

  // One of those that a user may have; it is given back when it goes. The limits outlive it.
  class Seat {
   public:
    Seat(Seat&& other) noexcept;
    Seat& operator=(Seat&& other) = delete;
    ~Seat();

   private:
    friend class Limits;
    Seat(Limits& limits, std::int64_t user, Kind kind) : limits_(&limits), user_(user), kind_(kind) {}

    Limits* limits_;
    std::int64_t user_;
    Kind kind_;
  };

  Limits() = default;
  Limits(const Limits&) = delete;
  Limits& operator=(const Limits&) = delete;

  // Nothing: they have as many as they may.
  [[nodiscard]] std::optional<Seat> take(std::int64_t user, Kind kind);

 private:
  void give_back(std::int64_t user, Kind kind);

  std::mutex mutex_;
  std::map<std::pair<std::int64_t, Kind>, std::size_t> taken_;
};

}  // namespace bastion::window
