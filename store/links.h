// Backends that dial in: the key that the machine of each logs in here with, and the links that it has made. A column
// of backends, and a table that each bastion has for itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

struct Link {
  std::string id;  // of the connection
  std::int64_t backend = 0;
  std::string server;  // which process has it
  std::string from_host;
  std::int64_t began_at = 0;                            // Unix seconds, as all of these
  std::optional<std::int64_t> ended_at = std::nullopt;  // nothing: it is there
};

class Links {
 public:
  explicit Links(Database& database);

  // As RFC 4253 section 6.6 has it; empty where the bastion connects to it, and of a backend that there is not.
  [[nodiscard]] Result<ByteVector> key_of(std::int64_t backend);
  // Empty: the bastion connects to it. Inside Database::change.
  [[nodiscard]] Result<> set_key(std::int64_t backend, Bytes key);
  // The question at a login: the backend of this name, if its machine logs in with exactly this key.
  [[nodiscard]] Result<std::optional<std::int64_t>> with_key(std::string_view name, Bytes key);
  // Whether a backend of this name dials in.
  [[nodiscard]] Result<bool> has(std::string_view name);

  // Those that are there, the newest first, and the one that ended last.
  [[nodiscard]] Result<std::vector<Link>> of(std::int64_t backend);
  // When it was last known to be there; nothing: it has never dialled in here.
  [[nodiscard]] Result<std::optional<std::int64_t>> last(std::int64_t backend);

  // What others of this backend have left is forgotten, but for those that are there.
  [[nodiscard]] Result<> begin(const Link& link);
  [[nodiscard]] Result<> end(std::string_view id, std::int64_t now);
  // All of a process that has died.
  [[nodiscard]] Result<> end_all(std::string_view server, std::int64_t now);

 private:
  Statement key_of_;
  Statement set_key_;
  Statement with_key_;
  Statement has_;
  Statement of_;
  Statement last_;
  Statement forget_;
  Statement begin_;
  Statement end_;
  Statement end_all_;
};

}  // namespace bastion::store
