// A state directory that is made of what a fleet has: everything in a folder beside its place first, so that a machine
// has all of it or nothing.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/config/state_dir.h"
#include "bastion/fleet/sealed_keys.h"
#include "store/restoration.h"

namespace bastion::setup {

// The private keys of the bastion that are files of its state directory.
[[nodiscard]] Result<std::vector<fleet::KeyFile>> read_key_files(const config::StateDir& state);

class NewState {
 public:
  // What one that was interrupted has left goes.
  [[nodiscard]] static Result<> clear_unfinished(const config::StateDir& state);
  // There is nothing of it in `root`, which is made where it is not there.
  [[nodiscard]] static Result<std::unique_ptr<NewState>> begin(const std::filesystem::path& root);
  // Takes away what has not been kept.
  ~NewState();
  NewState(const NewState&) = delete;
  NewState& operator=(const NewState&) = delete;

  // Writes the keys, and makes a database that `fill_database` fills. Returns what is in it.
  using FillDatabase = std::function<Result<>(store::Database& database)>;
  [[nodiscard]] Result<store::Inventory> fill(const std::vector<fleet::KeyFile>& keys,
                                              const FillDatabase& fill_database);
  // As it is made.
  [[nodiscard]] config::StateDir state() const;
  // Puts it into its place, and on the disk.
  [[nodiscard]] Result<> keep();

 private:
  NewState(config::StateDir state, bool made_root) : state_(std::move(state)), made_root_(made_root) {}

  [[nodiscard]] Result<> write(const fleet::KeyFile& key) const;

  config::StateDir state_;
  bool made_root_;
  bool is_kept_ = false;
};

}  // namespace bastion::setup
