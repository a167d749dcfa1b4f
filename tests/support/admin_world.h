// The admin commands on a small world, typed as an administrator types them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "bastion/admin/commands/run.h"
#include "bastion/admin/grammar/command.h"
#include "tests/support/small_world.h"

namespace bastion::test {

inline constexpr const char* kAliceKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f alice@laptop";
inline constexpr const char* kOtherKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA";

struct AdminWorld : SmallWorld {
  AdminWorld();

  std::string file_text;  // what stands in every FILE
  admin::Context context;

  // `line` is split at spaces, but `KEY` stands for a public key and `KEY2` for another one.
  admin::Outcome type(std::string_view line);
  // What it printed; it must succeed.
  std::string done(std::string_view line);
  // What it said; it must end so, and change nothing.
  std::string fails(std::string_view line, admin::Status status);
  std::string refused(std::string_view line) { return fails(line, admin::Status::refused); }
  std::string misused(std::string_view line);
  nlohmann::json json(std::string_view line);
  std::string everything();

  AdminWorld& furnished();
};

}  // namespace bastion::test
