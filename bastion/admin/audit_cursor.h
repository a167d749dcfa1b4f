// Up to where the audit has been taken by somebody: a file with the number and the link of a row, as `audit verify`
// prints heads. It is replaced as a whole, and is on the disk when write() has returned.
#pragma once

#include <filesystem>

#include "bastion/base/result.h"
#include "store/audit_chain.h"

namespace bastion::admin {

class AuditCursor {
 public:
  explicit AuditCursor(std::filesystem::path file) : file_(std::move(file)) {}

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  // Without a file: before the first row.
  [[nodiscard]] Result<store::ChainHead> read() const;
  [[nodiscard]] Result<> write(const store::ChainHead& place) const;

 private:
  std::filesystem::path file_;
};

}  // namespace bastion::admin
