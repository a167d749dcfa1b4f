#include "bastion/admin/manifest/same_name.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "bastion/access/ca_roles.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/admin/manifest/differences.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {
namespace {

// A key as people tell it from others.
std::string short_key(const std::string& line) {
  const auto key = transport::parse_public_key(line);
  if (!key) return line;
  return fmt::format("{}{}{}", transport::fingerprint(key->key.blob), key->comment.empty() ? "" : " ", key->comment);
}

std::string shown(const Cell& value) {
  if (value.is_null()) return "none";
  if (value.is_boolean()) return yes_or_no(value.get<bool>());
  if (!value.is_string()) return value.dump();
  const auto text = value.get<std::string>();
  return text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.starts_with("sk-") ? short_key(text) : text;
}

// One of a list: its first member is its name, and of the others those that say something.
std::string shown_entry(const Cell& entry) {
  if (!entry.is_object()) return shown(entry);
  std::string text;
  for (const auto& [name, value] : entry.items()) {
    if (text.empty()) {
      text = shown(value);
    } else if (!value.is_null()) {
      text += fmt::format(" ({} {})", name, shown(value));
    }
  }
  return text;
}

std::vector<Cell> as_list(const Cell& value) {
  if (value.is_null()) return {};
  std::vector<Cell> list;
  if (!value.is_array()) return {value};
  for (const auto& one : value) list.push_back(one);
  return list;
}

std::string only_in(const std::vector<Cell>& list, const std::vector<Cell>& other) {
  std::vector<std::string> texts;
  for (const auto& one : list) {
    if (std::ranges::find(other, one) == other.end()) texts.push_back(shown_entry(one));
  }
  return texts.empty() ? "none" : fmt::format("{}", fmt::join(texts, ", "));
}

// Null where there is nothing: what neither has is no difference.
Cell field(const Cell& entry, const std::string& name) {
  const auto found = entry.find(name);
  return found == entry.end() ? Cell(nullptr) : *found;
}

void compare_field(const std::string& name, const Cell& here, const Cell& fleet, SameName& found) {
  if (here == fleet) return;
  if (!here.is_array() && !fleet.is_array()) {
    found.push_back({name, shown(here), shown(fleet)});
    return;
  }
  const auto ours = as_list(here);
  const auto theirs = as_list(fleet);
  if (std::ranges::is_permutation(ours, theirs)) return;
  found.push_back({name, only_in(ours, theirs), only_in(theirs, ours)});
}

SameName compare(const Cell& here, const Cell& fleet, std::initializer_list<std::string_view> but) {
  SameName found;
  Cell names = here;
  names.update(fleet);
  for (const auto& [name, value] : names.items()) {
    if (std::ranges::find(but, name) == but.end()) compare_field(name, field(here, name), field(fleet, name), found);
  }
  return found;
}

Cell object_of(const UserEntry& entry) {
  Manifest one;
  one.users = {entry};
  return to_json(one)["users"][0];
}
Cell object_of(const GroupEntry& entry) {
  Manifest one;
  one.groups = {entry};
  return to_json(one)["groups"][0];
}
Cell object_of(const BackendEntry& entry) {
  Manifest one;
  one.backends = {entry};
  return to_json(one)["backends"][0];
}
Cell object_of(const ContainerEntry& entry) {
  Manifest one;
  one.containers = {entry};
  return to_json(one)["containers"][0];
}

std::string fingerprints(const std::vector<store::HostKey>& keys) {
  std::vector<std::string> texts;
  texts.reserve(keys.size());
  for (const auto& key : keys) texts.push_back(transport::fingerprint(key.blob));
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

SameName differences_of(const UserEntry& here, const UserEntry& fleet) {
  return compare(object_of(here), object_of(fleet), {"name"});
}

SameName differences_of(const GroupEntry& here, const GroupEntry& fleet) {
  return compare(object_of(here), object_of(fleet), {"name"});
}

SameName differences_of(const BackendEntry& here, const BackendEntry& fleet) {
  return compare(object_of(here), object_of(fleet), {"name"});
}

SameName differences_of(const ContainerEntry& here, const ContainerEntry& fleet) {
  return compare(object_of(here), object_of(fleet), {"owner", "name", "default"});
}

SameName differences_of(const KnownHost& here, const KnownHost& fleet) {
  SameName found;
  const bool has_one_in_common = std::ranges::any_of(here.keys, [&](const auto& key) {
    return std::ranges::find(fleet.keys, key.blob, &store::HostKey::blob) != fleet.keys.end();
  });
  if (!has_one_in_common && !here.keys.empty() && !fleet.keys.empty()) {
    found.push_back({"known host key", fingerprints(here.keys), fingerprints(fleet.keys)});
  }
  if (here.alias != fleet.alias) found.push_back({"host key alias", plain(here.alias), plain(fleet.alias)});
  return found;
}

SameName differences_of(const store::HostCa& here, const store::HostCa& fleet) {
  SameName found;
  if (here.hosts != fleet.hosts) found.push_back({"hosts", here.hosts, fleet.hosts});
  if (here.comment != fleet.comment) found.push_back({"comment", plain(here.comment), plain(fleet.comment)});
  return found;
}

SameName differences_of(const store::Ca& here, const store::Ca& fleet) {
  SameName found;
  if (here.name != fleet.name) found.push_back({"name", here.name, fleet.name});
  if (here.principals != fleet.principals) found.push_back({"principals", here.principals, fleet.principals});
  if (here.roles != fleet.roles) {
    found.push_back({"roles", access::shown_roles(here.roles), access::shown_roles(fleet.roles)});
  }
  return found;
}

SameName differences_of(const store::Ban& here, const store::Ban& fleet) {
  if (here.expires_at == fleet.expires_at) return {};
  return {{"until", timestamp(here.expires_at), timestamp(fleet.expires_at)}};
}

}  // namespace bastion::admin
