#include "bastion/admin/manifest/ca_entries.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <ranges>
#include <utility>

#include "bastion/access/ca_roles.h"
#include "bastion/access/principals.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/json_fields.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {
namespace {

using store::Revocation;

// In the place of a CA: certificates of each of them.
constexpr std::string_view kEveryCa = "every";

std::optional<std::string> check_serials(std::string_view text) {
  const auto serials = store::parse_serials(text);
  return serials ? std::nullopt : std::optional(serials.error().text);
}

Result<ByteVector> ca_in(JsonFields& fields, const std::optional<std::string>& line) {
  if (!line) return fail("{}: ca is missing: the key of a CA, or \"{}\"", fields.where(), kEveryCa);
  if (*line == kEveryCa) return ByteVector{};
  auto key = transport::parse_public_key(*line);
  if (!key) return fail("{}, ca: {}", fields.where(), key.error().text);
  return std::move(key->key.blob);
}

}  // namespace

Result<CaEntry> ca_from(const nlohmann::json& json, std::string where) {
  JsonFields fields(json, std::move(where));
  CaEntry entry{.name = fields.required("name", check_name)};
  fields.is_about(entry.name);
  const auto line = fields.required("key");
  const auto principals = fields.texts_or_null("principals");
  if (principals) {
    for (const auto& rule : *principals) {
      if (auto wrong = check_principals(rule)) fields.fail_because("principals", *std::move(wrong));
    }
    entry.principals =
        principals->empty() ? std::string(access::kByName) : fmt::format("{}", fmt::join(*principals, ","));
  }
  if (const auto roles = fields.texts_or_null("roles")) {
    const auto text = fmt::format("{}", fmt::join(*roles, ","));
    const auto read = roles->empty() ? Result<std::string>() : access::parse_ca_roles(text);
    if (!read) fields.fail_because("roles", read.error().text);
    entry.roles = read.value_or(std::string());
  }
  if (auto done = fields.done(); !done) return std::unexpected(std::move(done.error()));
  auto key = transport::parse_public_key(line);
  if (!key) return fail("{}: {}", fields.where(), key.error().text);
  entry.key = *std::move(key);
  return entry;
}

Result<Revocation> revocation_from(const nlohmann::json& json, std::string where) {
  JsonFields fields(json, std::move(where));
  const auto key = fields.text("key", check_fingerprint);
  const auto ca = fields.text("ca");
  const auto serial = fields.text("serial", check_serials);
  const auto key_id = fields.text("key_id");
  if (auto done = fields.done(); !done) return std::unexpected(std::move(done.error()));
  if (key.has_value() + serial.has_value() + key_id.has_value() != 1) {
    return fail("{}: it revokes a key, or with ca a serial or a key_id: one of them", fields.where());
  }
  if (key) return Revocation{.kind = Revocation::Kind::key, .value = *key};
  auto blob = ca_in(fields, ca);
  if (!blob) return std::unexpected(std::move(blob.error()));
  Revocation revocation{.kind = serial ? Revocation::Kind::serial : Revocation::Kind::key_id, .ca = *std::move(blob)};
  revocation.value = serial ? store::parse_serials(*serial).value_or(*serial) : *key_id;
  return revocation;
}

std::string rules_of(const store::Ca& ca) {
  return fmt::format("principals {}{}", ca.principals, ca.roles.empty() ? "" : ", roles " + ca.roles);
}

nlohmann::ordered_json json_of(const CaEntry& entry) {
  nlohmann::ordered_json object{{"name", entry.name}, {"key", transport::to_line(entry.key.key, entry.key.comment)}};
  if (entry.principals) {
    auto& list = object["principals"] = nlohmann::ordered_json::array();
    const auto rules = access::parse_principals(*entry.principals).value_or(std::vector<access::PrincipalRule>{});
    for (const auto& rule : rules) list.push_back(access::text_of(rule));
  }
  if (entry.roles && !entry.roles->empty()) {
    auto& list = object["roles"] = nlohmann::ordered_json::array();
    for (const auto part : *entry.roles | std::views::split(',')) list.push_back(std::string(part.begin(), part.end()));
  }
  return object;
}

nlohmann::ordered_json json_of(const Revocation& revocation) {
  if (revocation.kind == Revocation::Kind::key) return {{"key", revocation.value}};
  const auto ca = transport::public_key_from_blob(revocation.ca);
  return {{"ca", ca ? transport::to_line(*ca, {}) : std::string(kEveryCa)},
          {revocation.kind == Revocation::Kind::serial ? "serial" : "key_id", store::shown_value(revocation)}};
}

}  // namespace bastion::admin
