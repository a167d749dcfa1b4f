// The tables that more than one command prints, and the cells they are made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/grammar/answer.h"
#include "bastion/admin/manifest/cells.h"
#include "store/containers.h"
#include "store/host_keys.h"
#include "store/keys.h"

namespace bastion::admin {

// Each fingerprint and where it is from: `SHA256:… (pinned), SHA256:… (learned)`; null when none is known yet.
[[nodiscard]] Cell host_keys_cell(const std::vector<store::HostKey>& keys);

[[nodiscard]] Table table_of(const std::vector<store::Key>& keys);
[[nodiscard]] Table table_of(const std::vector<store::Container>& containers);

// What `… remove` says, and its row in the audit, when these went too.
[[nodiscard]] Answer removed_with(std::string_view kind, const std::string& name,
                                  const std::vector<std::string>& others);

}  // namespace bastion::admin
