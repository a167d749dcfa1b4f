// The tables that more than one command prints, and the cells they are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/answer.h"
#include "store/containers.h"
#include "store/host_keys.h"
#include "store/keys.h"

namespace bastion::admin {

[[nodiscard]] Cell moment_cell(const std::optional<std::int64_t>& unix_seconds);
// Fingerprint and where it is from: `SHA256:… (pinned)`; null when none is known yet.
[[nodiscard]] Cell host_key_cell(const std::optional<store::HostKey>& key);

// Options of authorized_keys(5); null where there are none.
[[nodiscard]] Cell options_cell(const std::string& options);
// A limit as store::User has it: `12h`, `none`, or `default`.
[[nodiscard]] Cell limit_cell(const std::optional<std::int64_t>& seconds);

[[nodiscard]] Table table_of(const std::vector<store::Key>& keys);
[[nodiscard]] Table table_of(const std::vector<store::Container>& containers);

[[nodiscard]] std::vector<std::string> names_of(const std::vector<store::Container>& containers);
// What `… remove` says, and its row in the audit, when these went too.
[[nodiscard]] Answer removed_with(std::string_view kind, const std::string& name,
                                  const std::vector<std::string>& others);
// `db, web and 3 more`: for a sentence that says what is in the way.
[[nodiscard]] std::string some_of(const std::vector<std::string>& names);

}  // namespace bastion::admin
