// What the bastions of a fleet have in common beside the directory, in PostgreSQL: their private keys, sealed
// (bastion/fleet/sealed_keys.h); nothing is understood of them here.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::store::fleet {

class Connection;

// As a ChangeLog: a connection of its own, of one thread at a time, that gives up in time.
class CommonKeys {
 public:
  explicit CommonKeys(std::string conninfo);
  ~CommonKeys();
  CommonKeys(const CommonKeys&) = delete;
  CommonKeys& operator=(const CommonKeys&) = delete;

  // Makes the table where there is none.
  [[nodiscard]] Result<> prepare();
  // Nothing: the first bastion has not put them there yet.
  [[nodiscard]] Result<std::optional<ByteVector>> read();
  // In the place of those that are there.
  [[nodiscard]] Result<> write(Bytes sealed);
  // Whether the fleet has a directory; the log is prepared.
  [[nodiscard]] Result<bool> has_begun();

 private:
  std::unique_ptr<Connection> connection_;
};

}  // namespace bastion::store::fleet
