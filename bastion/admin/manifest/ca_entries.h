// CAs and revocations in a document.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "bastion/admin/manifest/manifest.h"
#include "bastion/base/result.h"
#include "store/cas.h"

namespace bastion::admin {

// `where` is said in errors.
[[nodiscard]] Result<CaEntry> ca_from(const nlohmann::json& json, std::string where);
[[nodiscard]] Result<store::Revocation> revocation_from(const nlohmann::json& json, std::string where);

// Whom it lets in, for whoever reads what has changed.
[[nodiscard]] std::string rules_of(const store::Ca& ca);

[[nodiscard]] nlohmann::ordered_json json_of(const CaEntry& entry);
[[nodiscard]] nlohmann::ordered_json json_of(const store::Revocation& revocation);

}  // namespace bastion::admin
