// A sign-on at the issuer of an organisation (OpenID Connect), by the device authorization grant (RFC 8628): what a
// user is shown, and who they turn out to be. Values.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace bastion::oidc {

// Of one user; the issuer may claim more.
inline constexpr std::size_t kMostGroups = 512;

// What a configuration says of the issuer.
struct Provider {
  std::string issuer;  // https://…, as in its discovery document and in `iss`
  std::string client_id;
  std::string client_secret{};  // empty: a public client
  std::string scopes;
  std::string name_claim;      // whose value is the account's name
  std::string groups_claim{};  // empty: none is looked at

  bool operator==(const Provider&) const = default;
};

// Printable ASCII, each of it: it is for a terminal.
struct Shown {
  std::string address;
  std::string code;
  std::string address_with_code{};  // empty: the issuer gives none
  std::chrono::seconds good_for{0};

  bool operator==(const Shown&) const = default;
};

// Who has signed on, as the issuer has signed it.
struct SignedOn {
  std::string subject;  // `sub`
  std::string name;     // the claim that is the account's name; any text
  std::vector<std::string> groups{};

  bool operator==(const SignedOn&) const = default;
};

}  // namespace bastion::oidc
