// The words of a command line, sorted by what the command's row says they are.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/grammar/command.h"
#include "bastion/admin/manifest/import.h"

namespace bastion::admin {

// A KEY as it was given, with the options that stood before it as in authorized_keys(5).
struct GivenKey {
  NamedKey named;
  std::string options = {};
};

class Arguments {
 public:
  // `words` are those after the command's own. The error is about usage: what is wrong, and what would be right.
  [[nodiscard]] static Result<Arguments> parse(const Command& command, const std::vector<std::string>& words);

  // Reads and parses every KEY. The error names the argument.
  [[nodiscard]] Result<> read_keys(const Command& command, const Context& context);

  // Reads the document, and understands it.
  [[nodiscard]] Result<> read_document(const Command& command, const Context& context);

  // Hashes the password that the command gives.
  [[nodiscard]] Result<> read_password(const Command& command, const Context& context);

  // By the name the row has: `NAME`, `--role`. text() is for what the row requires.
  [[nodiscard]] const std::string& text(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> optional(std::string_view name) const;
  [[nodiscard]] bool given(std::string_view name) const;
  // Every value it was given.
  [[nodiscard]] const std::vector<std::string>& all(std::string_view name) const { return values_.find(name)->second; }
  [[nodiscard]] const std::vector<GivenKey>& keys(std::string_view name) const;
  // What the document says. For commands that have one.
  [[nodiscard]] const Imported& imported() const { return *imported_; }
  // Nothing where none is given.
  [[nodiscard]] const std::optional<NewPassword>& password() const { return password_; }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::map<std::string, std::vector<GivenKey>, std::less<>> keys_;
  std::optional<Imported> imported_;
  std::optional<NewPassword> password_;
};

}  // namespace bastion::admin
