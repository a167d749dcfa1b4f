// The directory as a document: CAs and revocations, users with their keys, groups with their members, backends,
// containers with their shares. No secrets.
//
// What a document does not mention stays as it is; null clears. That holds for lists too: keys and shares that are not
// in a list stay, unless whoever applies the document wants to be rid of them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/endpoint.h"
#include "bastion/base/public_key.h"
#include "bastion/base/result.h"
#include "store/backends.h"
#include "store/record_policies.h"
#include "store/revocations.h"
#include "store/users.h"

namespace bastion::admin {

// Nothing where the document says nothing.
template <typename T>
using Given = std::optional<T>;
using Seconds = std::optional<std::int64_t>;

struct KeyEntry {
  NamedKey key;
  Given<std::string> options = std::nullopt;
  Given<Seconds> expires_at = std::nullopt;
};

struct UserEntry {
  std::string name;
  Given<store::Role> role = std::nullopt;
  Given<bool> is_disabled = std::nullopt;
  Given<std::string> options = std::nullopt;
  Given<Seconds> idle_timeout = std::nullopt;  // as in store::User
  Given<Seconds> max_session = std::nullopt;
  Given<std::optional<std::int64_t>> max_sessions = std::nullopt;  // as in store::Caps
  Given<std::optional<std::int64_t>> max_logins = std::nullopt;
  Given<std::optional<std::int64_t>> max_rekeys = std::nullopt;
  Given<std::optional<std::int64_t>> max_bytes = std::nullopt;
  Given<std::string> auth = std::nullopt;  // as in store::User
  Given<std::string> sftp = std::nullopt;  // as access/sftp_access.h has it
  Given<store::RecordPolicies::Said> record = std::nullopt;
  Given<bool> has_codes = std::nullopt;  // only told: nobody can bring them along
  Given<std::vector<KeyEntry>> keys = std::nullopt;
};

struct GroupEntry {
  std::string name;
  Given<std::string> sftp = std::nullopt;  // as access/sftp_access.h has it
  Given<store::RecordPolicies::Said> record = std::nullopt;
  Given<std::vector<std::string>> members = std::nullopt;
};

struct BackendEntry {
  std::string name;
  Given<Endpoint> address = std::nullopt;    // none where it dials in,
  Given<PublicKey> link_key = std::nullopt;  // but the key that its machine does that with
  Given<std::string> account = std::nullopt;
  Given<std::optional<std::string>> via = std::nullopt;
  Given<store::RouteKind> route = std::nullopt;
  Given<std::optional<std::int64_t>> capacity = std::nullopt;
  Given<bool> is_legacy = std::nullopt;
  Given<store::Presented> presents = std::nullopt;
  Given<std::string> wake = std::nullopt;                 // the hook that starts it; empty: none
  Given<std::string> source = std::nullopt;               // as follow/source.h has it; empty: none
  Given<std::vector<std::string>> groups = std::nullopt;  // exactly these; none: it serves everybody
  Given<store::BackendState> state = std::nullopt;
  Given<std::vector<PublicKey>> host_keys = std::nullopt;  // those that are pinned
};

// With one of them: the other name is empty.
struct ShareEntry {
  std::string user = {};
  std::string group = {};
  Seconds expires_at = std::nullopt;

  [[nodiscard]] bool is_with_group() const { return !group.empty(); }
  // For people to read: `bob`, or `group ops`.
  [[nodiscard]] std::string who() const { return is_with_group() ? "group " + group : user; }
  [[nodiscard]] bool is_with_the_same(const ShareEntry& other) const {
    return user == other.user && group == other.group;
  }
};

struct ContainerEntry {
  std::string owner;
  std::string name;
  Given<std::string> backend = std::nullopt;
  Given<Endpoint> address = std::nullopt;
  Given<std::string> command = std::nullopt;  // in its place
  Given<std::string> account = std::nullopt;
  Given<bool> is_default = std::nullopt;
  Given<bool> is_legacy = std::nullopt;
  Given<store::Presented> presents = std::nullopt;
  Given<bool> wake = std::nullopt;         // it may be started
  Given<std::string> sftp = std::nullopt;  // as access/sftp_access.h has it
  Given<store::RecordPolicies::Said> record = std::nullopt;
  Given<std::vector<PublicKey>> host_keys = std::nullopt;  // those that are pinned
  Given<std::vector<ShareEntry>> shares = std::nullopt;

  [[nodiscard]] std::string full_name() const { return owner + "/" + name; }
  [[nodiscard]] bool says_place() const { return address || command; }
};

// A CA that is trusted for users.
struct CaEntry {
  std::string name;
  NamedKey key{};
  Given<std::string> principals = std::nullopt;  // as store::Ca has them
  Given<std::string> roles = std::nullopt;       // the same
};

struct Manifest {
  Given<std::vector<CaEntry>> cas = std::nullopt;
  // No document takes one back.
  Given<std::vector<store::Revocation>> revocations = std::nullopt;
  Given<std::vector<UserEntry>> users = std::nullopt;
  Given<std::vector<GroupEntry>> groups = std::nullopt;
  Given<std::vector<BackendEntry>> backends = std::nullopt;
  Given<std::vector<ContainerEntry>> containers = std::nullopt;
};

[[nodiscard]] nlohmann::ordered_json to_json(const Manifest& directory);

// JSON, which begins with a brace, or YAML. The error says where in the document something is wrong: `containers[3]
// (alice/web): …`.
[[nodiscard]] Result<Manifest> parse_directory(std::string_view text);

}  // namespace bastion::admin
