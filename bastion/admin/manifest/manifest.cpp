#include "bastion/admin/manifest/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "bastion/admin/manifest/ca_entries.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/container_command.h"
#include "bastion/admin/manifest/json.h"
#include "bastion/admin/manifest/json_fields.h"
#include "bastion/admin/manifest/timestamp.h"
#include "bastion/admin/manifest/yaml.h"
#include "bastion/follow/source.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

constexpr int kVersion = 1;

// Checks of values that only a document has.

std::optional<std::string> check_date(std::string_view text) {
  if (text.find('-') == std::string_view::npos) {
    return fmt::format("{} is no date: write 2026-12-31 or 2026-12-31T23:59:59Z", text);
  }
  return check_timestamp(text);
}

std::optional<std::string> check_route(std::string_view text) {
  if (text == text_of(store::RouteKind::hop) || text == text_of(store::RouteKind::direct)) return std::nullopt;
  return fmt::format("there is no route \"{}\": it is hop or direct", text);
}

std::optional<std::string> check_state(std::string_view text) {
  for (const auto state : {store::BackendState::active, store::BackendState::draining, store::BackendState::disabled}) {
    if (text == text_of(state)) return std::nullopt;
  }
  return fmt::format("there is no state \"{}\": it is active, draining or disabled", text);
}

store::BackendState state_of(std::string_view text) {
  return text == "active"     ? store::BackendState::active
         : text == "draining" ? store::BackendState::draining
                              : store::BackendState::disabled;
}

// What a field that passed its check means; nothing where the document says nothing.

template <typename From, typename Convert>
auto converted(const std::optional<From>& given, Convert convert) -> std::optional<decltype(convert(*given))> {
  using To = std::optional<decltype(convert(*given))>;
  return given ? To(std::in_place, convert(*given)) : To();
}

Seconds date_of(const std::optional<std::string>& text) {
  return text ? Seconds(parse_timestamp(*text, 0).value_or(0)) : std::nullopt;
}

Endpoint endpoint_of(const std::string& text) { return parse_endpoint(text, kSshPort).value_or(Endpoint{}); }

std::string options_or_none(const std::optional<std::string>& text) { return text ? options_of(*text) : std::string{}; }

// One as a text, several as a list of them.
Given<std::vector<PublicKey>> host_keys_in(JsonFields& fields) {
  const auto texts = fields.texts_or_null("host_key");
  if (!texts) return std::nullopt;
  std::vector<PublicKey> keys;
  for (const auto& text : *texts) {
    auto key = transport::parse_public_key(text);
    if (!key) {
      fields.fail_because("host_key", key.error().text);
      return std::nullopt;
    }
    if (std::ranges::find(keys, key->key) == keys.end()) keys.push_back(std::move(key->key));
  }
  return keys;
}

Given<PublicKey> link_key_in(JsonFields& fields) {
  const auto text = fields.text("link_key");
  if (!text) return std::nullopt;
  auto key = transport::parse_public_key(*text);
  if (!key) {
    fields.fail_because("link_key", key.error().text);
    return std::nullopt;
  }
  return std::move(key->key);
}

// A text is a list of one, null one of none.
Given<std::vector<std::string>> names_in(JsonFields& fields, const char* name, JsonFields::Check check) {
  auto names = fields.texts_or_null(name);
  if (!names) return std::nullopt;
  for (const auto& one : *names) {
    if (auto wrong = check(one)) {
      fields.fail_because(name, *std::move(wrong));
      return std::nullopt;
    }
  }
  std::ranges::sort(*names);
  const auto [first, last] = std::ranges::unique(*names);
  names->erase(first, last);
  return names;
}

// Every entry of a list, read by `read(const Json&, std::string where)`.
template <typename Entry>
Result<Given<std::vector<Entry>>> entries_in(JsonFields& fields, const char* name,
                                             Result<Entry> (*read)(const Json&, std::string)) {
  const auto* const list = fields.list(name);
  if (list == nullptr) return std::nullopt;
  std::vector<Entry> entries;
  entries.reserve(list->size());
  const auto prefix = fields.where() == "the document" ? std::string{} : fields.where() + ", ";
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto entry = read((*list)[i], fmt::format("{}{}[{}]", prefix, name, i));
    if (!entry) return std::unexpected(std::move(entry.error()));
    entries.push_back(*std::move(entry));
  }
  return entries;
}

// The same thing in two places: what it would be in the end nobody could tell.
template <typename Entry, typename Name>
Result<> must_differ(const Given<std::vector<Entry>>& entries, const std::string& list, Name name) {
  if (!entries) return {};
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const auto [there, is_first] = first.try_emplace(std::invoke(name, (*entries)[i]), i);
    if (!is_first) return fail("{}[{}]: {} is there already, as {}[{}]", list, i, there->first, list, there->second);
  }
  return {};
}

Result<KeyEntry> key_from(const Json& json, std::string where) {
  JsonFields fields(json, std::move(where));
  const auto line = fields.required("key");
  KeyEntry entry;
  entry.options = converted(fields.text_or_null("options", check_key_options), options_or_none);
  entry.expires_at = converted(fields.text_or_null("expires", check_date), date_of);
  if (auto done = fields.done(); !done) return std::unexpected(std::move(done.error()));
  auto key = transport::parse_public_key(line);
  if (!key) return fail("{}: {}", fields.where(), key.error().text);
  entry.key = *std::move(key);
  return entry;
}

Result<UserEntry> user_from(const Json& json, std::string where) {
  JsonFields fields(json, std::move(where));
  UserEntry entry{.name = fields.required("name", check_user_name)};
  fields.is_about(entry.name);
  entry.role = converted(fields.text("role", check_role),
                         [](const std::string& text) { return store::role_of(text).value_or(store::Role::user); });
  entry.is_disabled = fields.flag("disabled");
  entry.options = converted(fields.text_or_null("options", check_options), options_or_none);
  entry.idle_timeout = converted(fields.text("idle_timeout", check_limit), limit_of);
  entry.max_session = converted(fields.text("max_session", check_limit), limit_of);
  entry.max_sessions = fields.cap("max_sessions");
  entry.max_logins = fields.cap("max_logins");
  entry.max_rekeys = fields.cap("max_rekeys");
  entry.max_bytes = fields.cap("max_bytes");
  entry.auth = converted(fields.text("auth", check_auth), auth_of);
  entry.sftp = fields.text("sftp", check_sftp);
  entry.record = converted(fields.text("record", check_record), record_of);
  entry.has_codes = fields.flag("totp");
  auto keys = entries_in<KeyEntry>(fields, "keys", key_from);
  if (!keys) return std::unexpected(std::move(keys.error()));
  entry.keys = *std::move(keys);
  const auto fingerprint = [](const KeyEntry& one) { return transport::fingerprint(one.key.key.blob); };
  if (auto differ = must_differ(entry.keys, fields.where() + ", keys", fingerprint); !differ) {
    return std::unexpected(std::move(differ.error()));
  }
  if (auto done = fields.done(); !done) return std::unexpected(std::move(done.error()));
  return entry;
}

// In the one form that it is kept in.
std::string source_text_of(const std::optional<std::string>& text) {
  const auto source = follow::parse_source(text.value_or(std::string{}));
  return source ? follow::text_of(*source) : std::string{};
}

Result<GroupEntry> group_from(const Json& json, std::string where) {
  JsonFields fields(json, std::move(where));
  GroupEntry entry{.name = fields.required("name", check_name)};
  fields.is_about(entry.name);
  entry.sftp = fields.text("sftp", check_sftp);
  entry.record = converted(fields.text("record", check_record), record_of);
  entry.members = names_in(fields, "members", check_user_name);
  if (auto done = fields.done(); !done) return std::unexpected(std::move(done.error()));
  return entry;
}

Result<BackendEntry> backend_from(const Json& json, std::string where) {
  JsonFields fields(json, std::move(where));
  BackendEntry entry{.name = fields.required("name", check_name)};
  fields.is_about(entry.name);
  entry.address = converted(fields.text("address", check_endpoint), endpoint_of);
  entry.link_key = link_key_in(fields);
  if (entry.link_key && entry.address) fields.fail_because("link_key", "it has an address or dials in, not both");
  entry.account = fields.text("login", check_login);
  entry.via = fields.text_or_null("via", check_name);
  entry.route = converted(fields.text("route", check_route), [](const std::string& text) {
    return text == "direct" ? store::RouteKind::direct : store::RouteKind::hop;
  });
  entry.capacity = fields.count_or_null("capacity");
  entry.is_legacy = fields.flag("legacy");
  entry.presents = converted(fields.text("identity", check_identity), identity_of);
  entry.wake = converted(fields.text_or_null("wake", check_hook),
                         [](const std::optional<std::string>& hook) { return hook.value_or(std::string{}); });
  entry.source = converted(fields.text_or_null("source", check_source), source_text_of);
  entry.groups = names_in(fields, "groups", check_name);
  entry.state = converted(fields.text("state", check_state), state_of);
  entry.host_keys = host_keys_in(fields);
  if (auto done = fields.done(); !done) return std::unexpected(std::move(done.error()));
  return entry;
}

Result<ShareEntry> share_from(const Json& json, std::string where) {
  JsonFields fields(json, std::move(where));
  ShareEntry entry{.user = fields.text("user", check_user_name).value_or(""),
                   .group = fields.text("group", check_name).value_or("")};
  if (entry.user.empty() == entry.group.empty()) fields.fail_because("user", "it is with a user or with a group");
  entry.expires_at = date_of(fields.text_or_null("expires", check_date).value_or(std::nullopt));
  if (auto done = fields.done(); !done) return std::unexpected(std::move(done.error()));
  return entry;
}

Result<ContainerEntry> container_from(const Json& json, std::string where) {
  JsonFields fields(json, std::move(where));
  ContainerEntry entry{.owner = fields.required("owner", check_user_name), .name = fields.required("name", check_name)};
  fields.is_about(entry.full_name());
  entry.backend = fields.text("backend", check_name);
  entry.address = converted(fields.text("address", check_address), container_address_of);
  entry.command = fields.text("command", check_command);
  if (entry.command) entry.command = command_of(*entry.command, entry.name);
  if (entry.command && entry.address) fields.fail_because("command", "it has an address or a command, not both");
  entry.account = fields.text("login", check_login);
  entry.is_default = fields.flag("default");
  entry.is_legacy = fields.flag("legacy");
  entry.presents = converted(fields.text("identity", check_identity_of_container), identity_of);
  entry.wake = fields.flag("wake");
  entry.sftp = fields.text("sftp", check_sftp);
  entry.record = converted(fields.text("record", check_record), record_of);
  entry.host_keys = host_keys_in(fields);
  auto shares = entries_in<ShareEntry>(fields, "shares", share_from);
  if (!shares) return std::unexpected(std::move(shares.error()));
  entry.shares = *std::move(shares);
  if (auto done = fields.done(); !done) return std::unexpected(std::move(done.error()));
  return entry;
}

// And back: only what is given.

using admin::json_of;

template <typename T>
void put(Ordered& object, const char* name, const std::optional<T>& value) {
  if (value) object[name] = *value;
}

Ordered or_null(const std::optional<std::string>& text) { return text ? Ordered(*text) : Ordered(nullptr); }
Ordered host_keys_cell(const std::vector<PublicKey>& keys) {
  if (keys.empty()) return nullptr;
  if (keys.size() == 1) return transport::to_line(keys.front(), {});
  auto list = Ordered::array();
  for (const auto& key : keys) list.push_back(transport::to_line(key, {}));
  return list;
}

Ordered json_of(const KeyEntry& entry) {
  Ordered object{{"key", transport::to_line(entry.key.key, entry.key.comment)}};
  put(object, "options", converted(entry.options, options_cell));
  put(object, "expires", converted(entry.expires_at, timestamp_cell));
  return object;
}

Ordered json_of(const ShareEntry& entry) {
  Ordered object;
  object[entry.is_with_group() ? "group" : "user"] = entry.is_with_group() ? entry.group : entry.user;
  object["expires"] = timestamp_cell(entry.expires_at);
  return object;
}

// Where nothing is said of it, nothing stands there.
void put_record(Ordered& object, const Given<store::RecordPolicies::Said>& record) {
  if (record && *record) object["record"] = text_of(**record);
}

Ordered json_of(const GroupEntry& entry) {
  Ordered object{{"name", entry.name}};
  put(object, "sftp", entry.sftp);
  put_record(object, entry.record);
  put(object, "members", entry.members);
  return object;
}

template <typename Entry>
Ordered list_of(const std::vector<Entry>& entries);

Ordered json_of(const UserEntry& entry) {
  Ordered object{{"name", entry.name}};
  put(object, "role", converted(entry.role, [](store::Role role) { return text_of(role); }));
  put(object, "disabled", entry.is_disabled);
  put(object, "options", converted(entry.options, options_cell));
  put(object, "idle_timeout", converted(entry.idle_timeout, limit_cell));
  put(object, "max_session", converted(entry.max_session, limit_cell));
  put(object, "max_sessions", converted(entry.max_sessions, cap_cell));
  put(object, "max_logins", converted(entry.max_logins, cap_cell));
  put(object, "max_rekeys", converted(entry.max_rekeys, cap_cell));
  put(object, "max_bytes", converted(entry.max_bytes, cap_cell));
  put(object, "auth", converted(entry.auth, auth_cell));
  put(object, "sftp", entry.sftp);
  put_record(object, entry.record);
  if (entry.has_codes.value_or(false)) object["totp"] = true;
  put(object, "keys", converted(entry.keys, list_of<KeyEntry>));
  return object;
}

Ordered json_of(const BackendEntry& entry) {
  Ordered object{{"name", entry.name}};
  put(object, "address", converted(entry.address, [](const Endpoint& at) { return at.text(); }));
  put(object, "link_key", converted(entry.link_key, [](const PublicKey& key) { return transport::to_line(key, ""); }));
  put(object, "login", entry.account);
  put(object, "via", converted(entry.via, [](const auto& via) { return or_null(via); }));
  put(object, "route", converted(entry.route, [](store::RouteKind route) { return text_of(route); }));
  put(object, "capacity", converted(entry.capacity, [](const std::optional<std::int64_t>& capacity) {
        return capacity ? Ordered(*capacity) : Ordered(nullptr);
      }));
  put(object, "legacy", entry.is_legacy);
  put(object, "identity", converted(entry.presents, [](store::Presented one) { return text_of(one); }));
  put(object, "wake",
      converted(entry.wake, [](const std::string& hook) { return hook.empty() ? Ordered(nullptr) : Ordered(hook); }));
  put(object, "source", converted(entry.source, [](const std::string& source) {
        return source.empty() ? Ordered(nullptr) : Ordered(source);
      }));
  put(object, "groups", entry.groups);
  put(object, "state", converted(entry.state, [](store::BackendState state) { return text_of(state); }));
  put(object, "host_key", converted(entry.host_keys, host_keys_cell));
  return object;
}

Ordered json_of(const ContainerEntry& entry) {
  Ordered object{{"owner", entry.owner}, {"name", entry.name}};
  put(object, "backend", entry.backend);
  put(object, "address", converted(entry.address, [](const Endpoint& at) { return at.text(); }));
  put(object, "command", entry.command);
  put(object, "login", entry.account);
  put(object, "default", entry.is_default);
  put(object, "legacy", entry.is_legacy);
  put(object, "identity", converted(entry.presents, [](store::Presented one) { return text_of(one); }));
  put(object, "wake", entry.wake);
  put(object, "sftp", entry.sftp);
  put_record(object, entry.record);
  put(object, "host_key", converted(entry.host_keys, host_keys_cell));
  put(object, "shares", converted(entry.shares, list_of<ShareEntry>));
  return object;
}

template <typename Entry>
Ordered list_of(const std::vector<Entry>& entries) {
  auto list = Ordered::array();
  for (const auto& entry : entries) list.push_back(json_of(entry));
  return list;
}

Result<Json> parse_document(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos || text[first] != '{') return parse_yaml(text);
  const auto key = text.find_first_not_of(kSpace, first + 1);
  if (key != std::string_view::npos && text[key] != '"' && text[key] != '}') {
    const auto before = text.substr(0, key);
    return fail(
        "line {}, column {}: a document that begins with a brace is JSON, where every key and text stands in "
        "double quotes; YAML is written without braces around the whole",
        std::ranges::count(before, '\n') + 1, key - (before.rfind('\n') + 1) + 1);
  }
  return parse_json(text);
}

}  // namespace

Ordered to_json(const Manifest& directory) {
  Ordered object{{"version", kVersion}};
  put(object, "users", converted(directory.users, list_of<UserEntry>));
  put(object, "groups", converted(directory.groups, list_of<GroupEntry>));
  put(object, "backends", converted(directory.backends, list_of<BackendEntry>));
  put(object, "containers", converted(directory.containers, list_of<ContainerEntry>));
  put(object, "cas", converted(directory.cas, list_of<CaEntry>));
  put(object, "revocations", converted(directory.revocations, list_of<store::Revocation>));
  return object;
}

Result<Manifest> parse_directory(std::string_view text) {
  const auto json = parse_document(text);
  if (!json) return std::unexpected(json.error());
  JsonFields fields(*json, "the document");
  const auto version = fields.count_or_null("version");
  Manifest directory;
  auto cas = entries_in<CaEntry>(fields, "cas", ca_from);
  if (!cas) return std::unexpected(std::move(cas.error()));
  auto revocations = entries_in<store::Revocation>(fields, "revocations", revocation_from);
  if (!revocations) return std::unexpected(std::move(revocations.error()));
  auto users = entries_in<UserEntry>(fields, "users", user_from);
  if (!users) return std::unexpected(std::move(users.error()));
  auto groups = entries_in<GroupEntry>(fields, "groups", group_from);
  if (!groups) return std::unexpected(std::move(groups.error()));
  auto backends = entries_in<BackendEntry>(fields, "backends", backend_from);
  if (!backends) return std::unexpected(std::move(backends.error()));
  auto containers = entries_in<ContainerEntry>(fields, "containers", container_from);
  if (!containers) return std::unexpected(std::move(containers.error()));
  if (auto done = fields.done(); !done) return std::unexpected(std::move(done.error()));
  if (version != std::optional<std::int64_t>(kVersion)) {
    return fail("the document must say version: {}, the only one there is so far", kVersion);
  }
  directory.cas = *std::move(cas);
  directory.revocations = *std::move(revocations);
  directory.users = *std::move(users);
  directory.groups = *std::move(groups);
  directory.backends = *std::move(backends);
  directory.containers = *std::move(containers);
  for (const auto& differ :
       {must_differ(directory.cas, "cas", &CaEntry::name), must_differ(directory.users, "users", &UserEntry::name),
        must_differ(directory.groups, "groups", &GroupEntry::name),
        must_differ(directory.backends, "backends", &BackendEntry::name),
        must_differ(directory.containers, "containers", &ContainerEntry::full_name)}) {
    if (!differ) return std::unexpected(differ.error());
  }
  return directory;
}

}  // namespace bastion::admin
