// The issuer at which users sign on (OpenID Connect).
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "bastion/base/result.h"

namespace bastion::config {

struct Oidc {
  std::string issuer;
  std::string client_id;
  std::filesystem::path client_secret_file{};  // empty: a public client
  std::string scopes = "openid profile email";
  std::string name_claim = "preferred_username";
  std::string groups_claim = "groups";
  std::map<std::string, std::string> groups{};  // what the issuer calls one, and what it is called here
  bool create = false;                          // makes the account of somebody who signs on and has none
  bool qr_code = true;                          // the address for a phone, where the client shows one
  std::filesystem::path ca_file{};              // empty: the system's

  bool operator==(const Oidc&) const = default;
};

// The error says what is wrong with the table.
[[nodiscard]] Result<> check(const Oidc& oidc);

}  // namespace bastion::config
