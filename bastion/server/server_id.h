// Which server this is, of those that serve from one state directory or have done so: the name that stands beside its
// sessions in the database.
//
// An id is a file in `servers/`, locked for as long as the process lives. A lock that is free says that whoever had it
// is gone.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/loop/file_lock.h"

namespace bastion::server {

class ServerId {
 public:
  // One that nobody has now; made anew when all are taken. It is ours until this is destroyed.
  [[nodiscard]] static Result<ServerId> take(const std::filesystem::path& state_dir);

  [[nodiscard]] const std::string& text() const { return text_; }
  // Every id that no living process had when this one was taken, its own among them.
  [[nodiscard]] const std::vector<std::string>& free() const { return free_; }

 private:
  ServerId() = default;

  std::string text_;
  std::vector<std::string> free_;
  std::optional<loop::FileLock> lock_;
};

}  // namespace bastion::server
