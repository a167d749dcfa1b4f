// What `bastion join` was told.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::setup {

// Asked for the join key, where it is needed.
using ReadJoinKey = std::function<Result<std::string>()>;

enum class Keys : std::uint8_t {
  as_they_are,
  sealed_anew,  // of a bastion that has joined: with another join key, and the one before opens nothing any more
};

// A directory of this machine's own comes along.
struct MergeTerms {
  bool is_wanted = false;
  bool is_dry_run = false;
  // What names that both have are to become (admin/manifest/resolutions.h): `user:alice=alice-two`, and a side with
  // what it is about.
  std::vector<std::string> renames = {};
  std::vector<std::pair<std::string, std::string>> keeps = {};
};

struct JoinTerms {
  Keys keys = Keys::as_they_are;
  MergeTerms merge = {};
};

}  // namespace bastion::setup
