#include "bastion/admin/manifest/differences.h"

#include "bastion/admin/manifest/cells.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {

std::string plain(const std::string& text) { return text.empty() ? "none" : text; }
std::string record_text(const std::optional<RecordPolicy>& said) { return record_cell(said).get<std::string>(); }
std::string yes_or_no(bool value) { return value ? "yes" : "no"; }
std::string limit(const Seconds& seconds) { return limit_cell(seconds).get<std::string>(); }
std::string cap(const std::optional<std::int64_t>& number) {
  const auto cell = cap_cell(number);
  return cell.is_string() ? cell.get<std::string>() : cell.dump();
}
std::string timestamp(const Seconds& seconds) {
  return seconds ? timestamp_cell(seconds).get<std::string>() : std::string("never");
}
std::string count(const std::optional<std::int64_t>& number) { return number ? std::to_string(*number) : "none"; }
std::string name_or_none(const std::optional<std::string>& name) { return name.value_or("none"); }
std::string fingerprints_or_none(const std::vector<PublicKey>& keys) {
  std::string text;
  for (const auto& key : keys) text += (text.empty() ? "" : " and ") + transport::fingerprint(key.blob);
  return text.empty() ? "none" : text;
}

}  // namespace bastion::admin
