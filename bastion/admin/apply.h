// Makes the store say what a document says.
#pragma once

#include <string>
#include <vector>

#include "bastion/admin/command.h"
#include "bastion/admin/directory.h"

namespace bastion::admin {

// One line of what applying a document does.
struct Change {
  enum class Kind : std::uint8_t { add, change, remove };

  Kind kind = Kind::add;
  std::string what;  // `user`, `key`, `backend`, `container`, `share`
  std::string name;
  std::string detail = {};  // of a change: `role user -> admin`
};

[[nodiscard]] std::string_view text_of(Change::Kind kind);

// What becomes of things that the document does not name, in a list that it has.
enum class Unnamed : std::uint8_t { stay, go };

// Makes the store say what the document says, and returns what that changed; nothing when it said so already. Call
// inside Database::change: after an error the store is half way.
[[nodiscard]] Result<std::vector<Change>> apply(Context& context, const Directory& document, Unnamed unnamed);

}  // namespace bastion::admin
