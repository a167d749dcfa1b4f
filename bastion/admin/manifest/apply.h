// Makes the store say what a document says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/manifest/manifest.h"
#include "bastion/base/result.h"
#include "store/database.h"

namespace bastion::admin {

// One line of what applying a document does.
struct Change {
  enum class Kind : std::uint8_t { add, change, remove };

  Kind kind = Kind::add;
  std::string what;  // `user`, `key`, `group`, `member`, `backend`, `container`, `share`
  std::string name;
  std::string detail = {};  // of a change: `role user -> admin`
};

[[nodiscard]] std::string_view text_of(Change::Kind kind);

// What becomes of things that the document does not name, in a list that it has.
enum class Unnamed : std::uint8_t { stay, go };

// A container that is not put where the document says, and why.
struct NotPut {
  std::string name;
  std::string why;
};

// Makes the store say what the document says, and returns what that changed; nothing when it said so already. `now` in
// Unix seconds. Call inside Database::change: after an error the store is half way.
// A container that something else is in the way of, or that is on no backend, is an error; with `not_put` it stays as
// it is, and is mentioned there.
[[nodiscard]] Result<std::vector<Change>> apply(store::Database& database, const Manifest& document, Unnamed unnamed,
                                                std::int64_t now, std::vector<NotPut>* not_put = nullptr);

}  // namespace bastion::admin
