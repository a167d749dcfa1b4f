// Which identity key of the bastion an account has taken last, recorded while there are two: what still needs the old
// one is known by it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "store/host_keys.h"
#include "store/statement.h"

namespace bastion::store {

class AcceptedIdentities {
 public:
  explicit AcceptedIdentities(Database& database);

  // `key` is a public blob. Nothing is recorded of an owner that is gone.
  [[nodiscard]] Result<> note(const HostKeyOwner& owner, std::string_view account, Bytes key, std::int64_t now);

  struct Account {
    std::string machine;  // as sentences name it: `backend be1`, `container alice/web`
    // What its account, as it is called now, has taken; nothing: it was not logged in to since there are two.
    std::optional<ByteVector> key;
  };
  // Every backend and container that is logged in to with a key, by name: backends first.
  [[nodiscard]] Result<std::vector<Account>> all();

 private:
  Statement note_backend_;
  Statement note_container_;
  Statement all_;
};

}  // namespace bastion::store
