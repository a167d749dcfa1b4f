#include "bastion/record/file_line.h"

#include <fmt/format.h>

#include "bastion/base/printable.h"
#include "bastion/sftp/packet.h"

namespace bastion::record {
namespace {

using sftp::Operation;

std::string named(const std::string& name) { return fmt::format("{:?}", printable(name)); }

std::string carried(const Operation& operation) {
  std::string text;
  if (operation.read > 0 || (operation.how & sftp::kOpenRead) != 0) {
    text += fmt::format(", {} bytes read", operation.read);
  }
  if (operation.written > 0 || (operation.how & sftp::kOpenWrite) != 0) {
    text += fmt::format(", {} bytes written", operation.written);
  }
  return text;
}

std::string outcome_of(const Operation& operation) {
  if (!operation.status) return ": its end is not known";
  return *operation.status == sftp::kOk ? std::string() : fmt::format(": {}", sftp::words_of_status(*operation.status));
}

}  // namespace

std::string file_line(const Operation& operation) {
  auto line = fmt::format("sftp {}", sftp::word_of(operation.kind));
  if (!operation.first.empty()) line += " " + named(operation.first);
  if (!operation.second.empty()) line += " " + named(operation.second);
  if (operation.kind == Operation::Kind::open) line += carried(operation);
  return line + outcome_of(operation);
}

}  // namespace bastion::record
