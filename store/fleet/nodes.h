// The bastions of a fleet, each with what it last said of itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::store::fleet {

class Connection;

// What one says of itself every second or so.
struct Heartbeat {
  std::string version;        // of the program
  int schema = 0;             // the last migration that it knows
  std::int64_t number = 0;    // the last entry of the log that it has
  std::int64_t sessions = 0;  // that run there
  std::int64_t since = 0;     // Unix seconds: when its process began
};

struct Node {
  std::string name;
  Heartbeat last;
  std::int64_t behind = 0;   // entries of the log that it has not
  std::int64_t seen_at = 0;  // Unix seconds, by the clock of the fleet's database
  bool is_there = false;     // it was seen a moment ago
  std::optional<std::int64_t> removed_at = std::nullopt;
};

// Of one thread at a time.
class Nodes {
 public:
  // Who has said nothing for so long is not waited for.
  static constexpr std::chrono::seconds kThere{10};

  // No call takes much longer than `patience`.
  Nodes(std::string conninfo, std::chrono::milliseconds patience);
  ~Nodes();
  Nodes(Nodes&& other) noexcept;
  Nodes& operator=(Nodes&& other) = delete;
  // Whatever it waits for is given up as soon as this descriptor can be read.
  void give_up_when(int descriptor);

  // Makes the tables of the fleet where there are none.
  [[nodiscard]] Result<> prepare();

  enum class Standing : std::uint8_t { member, removed };
  // From now on it is one of them, unless it was removed.
  [[nodiscard]] Result<Standing> beat(const std::string& name, const Heartbeat& heartbeat);
  // By name; those that were removed too.
  [[nodiscard]] Result<std::vector<Node>> all();
  // It changes nothing any more, and nobody asks it anything. False: there is none of that name, or it was removed
  // already.
  [[nodiscard]] Result<bool> remove(const std::string& name);
  // One that was removed may come back. False: none was.
  [[nodiscard]] Result<bool> readmit(const std::string& name);

 private:
  std::unique_ptr<Connection> connection_;
  std::chrono::milliseconds patience_;
};

}  // namespace bastion::store::fleet
