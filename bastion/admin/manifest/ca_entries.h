// CAs and revocations in a document.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "bastion/admin/manifest/manifest.h"
#include "bastion/base/result.h"

namespace bastion::admin {

// `where` is said in errors.
[[nodiscard]] Result<CaEntry> ca_from(const nlohmann::json& json, std::string where);
[[nodiscard]] Result<store::Revocation> revocation_from(const nlohmann::json& json, std::string where);

[[nodiscard]] nlohmann::ordered_json json_of(const CaEntry& entry);
[[nodiscard]] nlohmann::ordered_json json_of(const store::Revocation& revocation);

}  // namespace bastion::admin
