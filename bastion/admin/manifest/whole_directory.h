// All that bastions of a fleet have in common, by the names of things: the document, and what is not in it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bastion/admin/manifest/manifest.h"
#include "bastion/base/result.h"
#include "store/bans.h"
#include "store/cas.h"
#include "store/database.h"
#include "store/host_cas.h"
#include "store/host_keys.h"
#include "store/revocations.h"

namespace bastion::admin {

// What is known of a backend, or of the machine that a container is in.
struct KnownHost {
  std::vector<store::HostKey> keys = {};  // learned or pinned
  std::string alias = {};                 // empty: none
  std::optional<store::HostCas::Certified> certified = std::nullopt;
  std::optional<store::RefusedHostKey> refused = std::nullopt;
};

struct WholeDirectory {
  Manifest document;  // with every list
  std::map<std::string, KnownHost> backends = {};
  std::map<std::string, KnownHost> containers = {};  // by OWNER/NAME
  std::vector<store::HostCa> host_cas = {};
  std::vector<store::Ca> cas = {};
  std::vector<store::Revocation> revocations = {};
  std::vector<store::Ban> bans = {};  // of administrators, that count
};

// `now` in Unix seconds.
[[nodiscard]] Result<WholeDirectory> read_whole_directory(store::Database& database, std::int64_t now);

}  // namespace bastion::admin
