// A database with a few people and machines in it, told in one line each. Everything that must work is required to.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/base/bytes.h"
#include "store/audit.h"
#include "store/backends.h"
#include "store/cas.h"
#include "store/containers.h"
#include "store/database.h"
#include "store/groups.h"
#include "store/host_cas.h"
#include "store/host_keys.h"
#include "store/keys.h"
#include "store/passwords.h"
#include "store/revocations.h"
#include "store/second_factors.h"
#include "store/shares.h"
#include "store/sign_ons.h"
#include "store/users.h"
#include "tests/support/temporary_folder.h"

namespace bastion::test {

// The value of a Result that must hold one; the test ends with the error's text otherwise.
template <typename T>
T must(Result<T> result) {
  REQUIRE_MESSAGE(result.has_value(), result.error().text);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

// The text of an error that must be one.
template <typename T>
std::string refused(const Result<T>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error().text;
}

inline ByteVector blob(std::string_view text) { return {text.begin(), text.end()}; }

// The first one that counts, if any does.
inline std::optional<store::HostKey> host_key_of(store::HostKeys& host_keys, const store::HostKeyOwner& owner) {
  auto known = must(host_keys.of(owner));
  return known.empty() ? std::nullopt : std::optional(std::move(known.front()));
}

struct SmallWorld {
  static constexpr std::int64_t kNow = 1'000'000;

  TemporaryFolder folder;
  std::filesystem::path file = folder / "bastion.db";
  store::Database database = must(store::Database::open(file, store::Database::Access::create));
  store::Users users{database};
  store::Keys keys{database};
  store::Cas cas{database};
  store::Revocations revocations{database};
  store::SecondFactors second_factors{database};
  store::Passwords passwords{database};
  store::SignOns sign_ons{database};
  store::Backends backends{database};
  store::Containers containers{database};
  store::Shares shares{database};
  store::Groups groups{database};
  store::HostKeys host_keys{database};
  store::HostCas host_cas{database};
  store::Audit audit{database};

  std::int64_t user(std::string_view name) { return must(users.add(name, store::Role::user, kNow)); }
  std::int64_t id_of(std::string_view user) { return must(users.get(user)).id; }

  // A group with these members.
  std::int64_t group(std::string_view name, const std::vector<std::string_view>& members = {}) {
    const auto id = must(groups.add(name, kNow));
    for (const auto member : members) must(groups.join(id, id_of(member)));
    return id;
  }

  void key(std::string_view user, std::string_view key, std::optional<std::int64_t> expires_at = {}) {
    must(keys.add(id_of(user), {.blob = blob(key),
                                .fingerprint = "SHA256:" + std::string(key),
                                .comment = "",
                                .added_at = kNow,
                                .expires_at = expires_at,
                                .last_used_at = {}}));
  }

  std::int64_t backend(std::string_view name, std::string_view via = {},
                       store::RouteKind route = store::RouteKind::hop) {
    store::Backend backend;
    backend.name = name;
    backend.host = backend.name + ".example";
    backend.account = "hop";
    if (!via.empty()) backend.via = must(backends.get(via)).id;
    backend.route = route;
    return must(backends.add(backend));
  }

  [[nodiscard]] store::Container describe(std::string_view owner, std::string_view name, std::string_view backend,
                                          std::string_view address) {
    const auto host = must(backends.get(backend));
    return {.name = std::string(name),
            .owner = id_of(owner),
            .owner_name = std::string(owner),
            .backend = host.id,
            .backend_name = host.name,
            .address = std::string(address),
            .account = std::string(owner)};
  }
  std::int64_t container(std::string_view owner, std::string_view name, std::string_view backend,
                         std::string_view address, std::uint16_t port = 22) {
    auto container = describe(owner, name, backend, address);
    container.port = port;
    return must(containers.add(container));
  }
  std::int64_t default_container(std::string_view owner, std::string_view name, std::string_view backend,
                                 std::string_view address) {
    auto container = describe(owner, name, backend, address);
    container.is_default = true;
    return must(containers.add(container));
  }
};

}  // namespace bastion::test
