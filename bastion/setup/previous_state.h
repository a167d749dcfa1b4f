// What a state directory held before its bastion joined a fleet: kept in a folder of it, from the moment in which the
// fleet's keys come in the place of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/config/state_dir.h"

namespace bastion::setup {

class PreviousState {
 public:
  explicit PreviousState(config::StateDir state) : state_(std::move(state)) {}

  // Where it is in the end: a state directory of its own.
  [[nodiscard]] std::filesystem::path folder() const { return state_.root() / "before-merge"; }

  enum class Joined : std::uint8_t { no, yes };
  // After an interruption: of a bastion that has not joined everything goes back to where it was, of one that has it is
  // kept.
  [[nodiscard]] Result<> settle(Joined joined) const;
  // There is none yet, or the error says so.
  [[nodiscard]] Result<> must_be_free() const;
  // Copies the database, and puts the keys of `fleet` (a state directory that is made) in the place of those that are
  // here, which are kept. settle() follows.
  [[nodiscard]] Result<> exchange_keys(const config::StateDir& fleet) const;

 private:
  [[nodiscard]] config::StateDir unfinished() const { return config::StateDir(state_.root() / ".before-merge"); }
  [[nodiscard]] Result<> take_back() const;

  config::StateDir state_;
};

}  // namespace bastion::setup
