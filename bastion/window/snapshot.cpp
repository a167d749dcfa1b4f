#include "bastion/window/snapshot.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "bastion/admin/manifest/json.h"
#include "bastion/admin/manifest/timestamp.h"

namespace bastion::window {
namespace {

using Json = nlohmann::ordered_json;

Json cell(const Json& row, const char* name) {
  const auto found = row.find(name);
  return found == row.end() ? Json(nullptr) : *found;
}

std::uint64_t count(const Json& row, const char* name) {
  const auto value = cell(row, name);
  return value.is_number_unsigned() || value.is_number_integer() ? value.get<std::uint64_t>() : 0;
}

double rate(std::uint64_t now, std::uint64_t before, std::chrono::duration<double> since) {
  return since.count() <= 0 || now < before ? 0.0 : static_cast<double>(now - before) / since.count();
}

}  // namespace

std::string Snapshots::next(std::string_view rows, std::int64_t now, std::chrono::duration<double> since) {
  const auto list = Json::parse(rows, nullptr, false);
  auto sessions = Json::array();
  std::map<std::string, Bytes, std::less<>> bytes;
  double from_users = 0;
  double from_containers = 0;
  for (const auto& row : list.is_array() ? list : Json::array()) {
    if (!row.is_object() || !cell(row, "id").is_string()) continue;
    const auto id = row["id"].get<std::string>();
    const Bytes at{count(row, "bytes_from_user"), count(row, "bytes_from_container")};
    const auto known = before_.find(id);
    const auto before = known == before_.end() ? at : known->second;
    Json session;
    session["id"] = id;
    session["user"] = user_;
    session["from"] = cell(row, "from");
    session["container"] = cell(row, "container");
    session["route"] = Json::array();
    session["since"] = cell(row, "opened");
    session["from_user"] = at.from_user;
    session["from_container"] = at.from_container;
    session["rate_from_user"] = rate(at.from_user, before.from_user, since);
    session["rate_from_container"] = rate(at.from_container, before.from_container, since);
    session["channels"] = cell(row, "channels");
    session["recorded"] = cell(row, "recorded").is_boolean() && cell(row, "recorded").get<bool>();
    session["bastion"] = place_.bastion;
    from_users += rate(at.from_user, before.from_user, since);
    from_containers += rate(at.from_container, before.from_container, since);
    sessions.push_back(std::move(session));
    bytes.emplace(id, at);
  }
  before_ = std::move(bytes);
  Json snapshot;
  snapshot["at"] = admin::text_of_timestamp(now);
  snapshot["bastion"] = place_.bastion;
  snapshot["version"] = place_.version;
  snapshot["for_seconds"] = since.count();
  snapshot["sessions"] = std::move(sessions);
  snapshot["backends"] = Json::array();
  snapshot["throughput"] = {{"from_users", from_users}, {"from_containers", from_containers}};
  snapshot["refusals"] = Json::array();
  snapshot["strangers"] = Json::object();
  snapshot["loops"] = Json::array();
  return admin::json_text(snapshot);
}

}  // namespace bastion::window
