#include "bastion/admin/grammar/tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bastion/admin/manifest/some_of.h"
#include "bastion/base/endpoint.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {

Cell host_keys_cell(const std::vector<store::HostKey>& keys) {
  std::string text;
  for (const auto& key : keys) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", transport::fingerprint(key.blob), text_of(key.origin));
  }
  return text.empty() ? Cell(nullptr) : Cell(text);
}

Table table_of(const std::vector<store::Key>& keys) {
  Table table{{"fingerprint", "type", "comment", "options", "added", "expires", "last_used"}, {}, "no keys"};
  for (const auto& key : keys) {
    const auto parsed = transport::public_key_from_blob(key.blob);
    table.rows.push_back({key.fingerprint, parsed ? Cell(parsed->type) : Cell(nullptr), key.comment,
                          options_cell(key.options), timestamp_cell(key.added_at), timestamp_cell(key.expires_at),
                          timestamp_cell(key.last_used_at)});
  }
  return table;
}

Table table_of(const std::vector<store::Container>& containers) {
  Table table{{"name", "owner", "backend", "address", "login", "default"}, {}, "no containers"};
  for (const auto& container : containers) {
    table.rows.push_back({container.name, container.owner_name, container.backend_name, container.place(),
                          container.account, container.is_plain_login});
  }
  return table;
}

Answer removed_with(std::string_view kind, const std::string& name, const std::vector<std::string>& others) {
  if (others.empty()) return {Sentence{fmt::format("{} {} removed", kind, name)}, name};
  return {Sentence{fmt::format("{} {} removed, and {} with it", kind, name, some_of(others))},
          fmt::format("{} and {}", name, fmt::join(others, ", "))};
}

}  // namespace bastion::admin
