#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/import.h"
#include "bastion/base/name.h"

namespace bastion::admin {
namespace {

struct Host {
  std::string name;  // the HostName; the alias, where there is none
  std::string user = {};
  std::string port = {};
  std::string jump = {};
};
using Hosts = std::map<std::string, Host>;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; });
  return result;
}

// `Keyword value` or `Keyword=value`; a value may stand in quotes. What comes after # is left out.
std::pair<std::string, std::string> setting_in(std::string_view line) {
  constexpr std::string_view kSpace = " \t\r";
  const auto trim = [&](std::string_view text) {
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return std::string_view{};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
  };
  line = trim(line.substr(0, line.find('#')));
  const auto end = std::min(line.find_first_of(" \t="), line.size());
  auto value = trim(line.substr(end));
  if (value.starts_with('=')) value = trim(value.substr(1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  return {lower(line.substr(0, end)), std::string(value)};
}

bool is_pattern(std::string_view alias) { return alias.find_first_of("*?! \t") != std::string_view::npos; }

// Where a setting comes twice the first one counts, as for ssh.
void set_once(std::string& field, const std::string& value) {
  if (field.empty()) field = value;
}

Hosts hosts_in(std::string_view text, std::vector<Skipped>& skipped) {
  Hosts hosts;
  Host* current = nullptr;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto [keyword, value] = setting_in(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (keyword == "host" || keyword == "match") {
      current = nullptr;
      if (keyword == "match" || is_pattern(value)) {
        if (value != "*") skipped.push_back({value, "only a Host with one name and no wildcard can be taken over"});
      } else {
        current = &hosts[value];
      }
    } else if (current != nullptr && keyword == "hostname") {
      set_once(current->name, value);
    } else if (current != nullptr && keyword == "user") {
      set_once(current->user, value);
    } else if (current != nullptr && keyword == "port") {
      set_once(current->port, value);
    } else if (current != nullptr && keyword == "proxyjump") {
      set_once(current->jump, value);
    }
  }
  for (auto& [alias, host] : hosts) set_once(host.name, alias);
  return hosts;
}

std::vector<std::string> items_of(const std::string& jumps) {
  std::vector<std::string> items;
  for (std::size_t begin = 0; begin <= jumps.size() && lower(jumps) != "none" && !jumps.empty();) {
    const auto end = std::min(jumps.find(',', begin), jumps.size());
    items.push_back(jumps.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

// The whole file, being turned into a document.
class SshConfigConversion {
 public:
  SshConfigConversion(Hosts hosts, std::optional<std::string> bastion, Imported& imported)
      : hosts_(std::move(hosts)), bastion_(std::move(bastion)), imported_(imported) {}

  void run() {
    std::set<std::string> jumps;
    for (const auto& [alias, host] : hosts_) {
      for (const auto& item : items_of(host.jump)) jumps.insert(item);
    }
    for (const auto& [alias, host] : hosts_) {
      if (jumps.contains(alias) || alias == bastion_) continue;
      auto added = add_container(alias, host);
      if (!added) imported_.skipped.push_back({alias, added.error().text});
    }
  }

 private:
  Result<> add_container(const std::string& alias, const Host& host) {
    if (items_of(host.jump).empty()) return fail("it is reached without a jump: `container add` says where it is");
    if (!is_name(alias)) return fail("this cannot be a name: a name is {}", kNameRule);
    if (!is_name(host.user)) return fail("it does not say who logs in: User is missing, or cannot be a name");
    const auto address = endpoint_of(host);
    if (!address) return std::unexpected(address.error());
    const auto backend = backend_behind(host.jump, 0);
    if (!backend) return std::unexpected(backend.error());
    if (!*backend) return fail("nothing but the bastion stands before it: add a backend with --direct first");
    if (owners_.insert(host.user).second) imported_.directory.users->push_back({.name = host.user});
    imported_.directory.containers->push_back(
        {.owner = host.user, .name = alias, .backend = *backend, .address = *address, .account = host.user});
    return {};
  }

  static Result<Endpoint> endpoint_of(const Host& host) {
    if (host.port.empty()) return parse_endpoint(host.name, kSshPort);
    return parse_endpoint(
        host.name.find(':') == std::string::npos ? host.name + ":" + host.port : "[" + host.name + "]:" + host.port,
        kSshPort);
  }

  // The last of these jumps as a backend, with all those before it; nothing when that is the bastion itself.
  Result<std::optional<std::string>> backend_behind(const std::string& jumps, int depth) {
    constexpr int kMostJumps = 16;
    if (depth > kMostJumps) return fail("its jumps lead in a circle");
    std::optional<std::string> before;
    bool is_first = true;  // only there its own jumps count: those after it are reached through the one before
    for (const auto& item : items_of(jumps)) {
      const bool may_jump = std::exchange(is_first, false);
      if (item == bastion_) {
        before = std::nullopt;
        continue;
      }
      const auto alias = hosts_.find(item);
      if (alias != hosts_.end() && may_jump) {
        auto own = backend_behind(alias->second.jump, depth + 1);
        if (!own) return own;
        before = *std::move(own);
      }
      auto added = alias != hosts_.end() ? add_backend(item, alias->second, before) : add_inline(item, before);
      if (!added) return std::unexpected(std::move(added.error()));
      before = *std::move(added);
    }
    return before;
  }

  // `[user@]host[:port]`, as ProxyJump has it.
  Result<std::string> add_inline(const std::string& item, const std::optional<std::string>& via) {
    const auto at = item.rfind('@');
    const auto user = at == std::string::npos ? std::string{} : item.substr(0, at);
    const auto address = parse_endpoint(at == std::string::npos ? item : item.substr(at + 1), kSshPort);
    if (!address) return std::unexpected(address.error());
    const Host host{.name = address->host, .user = user, .port = std::to_string(address->port)};
    auto name = is_name(address->host) ? address->host : "host-" + address->host;
    std::ranges::replace(name, ':', '-');
    return add_backend(name, host, via);
  }

  Result<std::string> add_backend(const std::string& name, const Host& host, const std::optional<std::string>& via) {
    if (!is_name(name)) return fail("its jump {} cannot be a name: a name is {}", name, kNameRule);
    if (host.user.empty()) return fail("its jump {} does not say who logs in: User is missing", name);
    const auto address = endpoint_of(host);
    if (!address) return fail("its jump {}: {}", name, address.error().text);
    if (backends_.insert(name).second) {
      imported_.directory.backends->push_back({.name = name,
                                               .address = *address,
                                               .account = host.user,
                                               .via = Given<std::optional<std::string>>(std::in_place, via)});
    }
    return name;
  }

  Hosts hosts_;
  std::optional<std::string> bastion_;
  Imported& imported_;
  std::set<std::string> backends_;
  std::set<std::string> owners_;
};

}  // namespace

Imported import_ssh_config(std::string_view text, const std::optional<std::string>& bastion) {
  Imported imported;
  imported.directory.users.emplace();
  imported.directory.backends.emplace();
  imported.directory.containers.emplace();
  auto hosts = hosts_in(text, imported.skipped);
  SshConfigConversion(std::move(hosts), bastion, imported).run();
  return imported;
}

}  // namespace bastion::admin
