// What is happening now, from what a list of sessions says: for whoever has no role, and sees their own only. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "bastion/window/answers.h"

namespace bastion::window {

class Snapshots {
 public:
  Snapshots(Place place, std::string user) : place_(std::move(place)), user_(std::move(user)) {}

  // One line of JSON in the form of `top --json`: of `rows`, which is what `me session list --json` says, at this time
  // in Unix seconds, so long after the one before.
  [[nodiscard]] std::string next(std::string_view rows, std::int64_t now, std::chrono::duration<double> since);

 private:
  struct Bytes {
    std::uint64_t from_user = 0;
    std::uint64_t from_container = 0;
  };

  Place place_;
  std::string user_;
  std::map<std::string, Bytes, std::less<>> before_;  // by session
};

}  // namespace bastion::window
