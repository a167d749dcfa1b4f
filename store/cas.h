// CAs whose certificates let users in.
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

struct Ca {
  std::string name;
  ByteVector blob;
  std::string principals;  // bastion/access/principals.h
  std::string roles = {};  // of the accounts that it lets in (bastion/access/ca_roles.h); empty: whichever they have
  std::string comment = {};
  std::int64_t added_at = 0;
};

class Cas {
 public:
  explicit Cas(Database& database);

  // By name.
  [[nodiscard]] Result<std::vector<Ca>> all();
  [[nodiscard]] Result<std::optional<Ca>> find(std::string_view name);
  // The question at a login: is a CA with exactly this key trusted?
  [[nodiscard]] Result<std::optional<Ca>> with_key(Bytes blob);
  // The error says when there is one of that name or with that key.
  [[nodiscard]] Result<> add(const Ca& ca);
  // One with this key that is there already gets this name, these principals and these roles.
  [[nodiscard]] Result<> put(const Ca& ca);
  // False when there is none.
  [[nodiscard]] Result<bool> remove(std::string_view name);

 private:
  Statement all_;
  Statement find_;
  Statement with_key_;
  Statement add_;
  Statement put_;
  Statement remove_;
};

}  // namespace bastion::store
