#include "bastion/setup/joined.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "bastion/base/clock.h"
#include "bastion/base/local_user.h"
#include "store/audit.h"

namespace bastion::setup {

std::string about_missing_keys(const std::vector<fleet::KeyFile>& files) {
  const auto has = [&](std::string_view folder) {
    return std::ranges::any_of(files, [&](const auto& file) { return file.name.starts_with(folder); });
  };
  std::string missing;
  if (!has("host_keys/")) missing = "no host keys";
  if (!has("identity/")) missing += missing.empty() ? "no identity" : " and no identity";
  if (missing.empty()) return {};
  return fmt::format(
      "There are {} in the state directory, and so none in the fleet: where they are credentials, give the same ones "
      "to every machine.\n",
      missing);
}

Result<> note_membership(store::Database& database, const std::string& node, std::string_view action,
                         std::string_view how) {
  return store::Audit(database).add({.at = unix_now(),
                                     .actor = "local",
                                     .action = std::string(action),
                                     .subject = node,
                                     .outcome = "done",
                                     .from_host = describe_local_user(::getuid()),
                                     .detail = std::string(how)});
}

Result<> check_name_is_free(store::fleet::Nodes& nodes, const std::string& name) {
  const auto all = nodes.all();
  if (!all) return std::unexpected(all.error());
  const auto other = std::ranges::find(*all, name, &store::fleet::Node::name);
  if (other == all->end() || other->removed_at || !other->is_there) return {};
  return fail(
      "the fleet has a bastion {} that is there: give this one another name, with `node` in [fleet]; if this is the "
      "same machine, made anew, try again in {} seconds",
      name, store::fleet::Nodes::kThere.count());
}

Result<std::string> readmit(store::fleet::Nodes& nodes, const std::string& name) {
  const auto readmitted = nodes.readmit(name);
  if (!readmitted) return std::unexpected(readmitted.error());
  return *readmitted ? fmt::format("{} had been removed from the fleet, and may be one of it again.\n", name)
                     : std::string();
}

Result<std::vector<fleet::KeyFile>> open_common_keys(store::fleet::CommonKeys& table,
                                                     const Result<std::string>& join_key) {
  const auto sealed = table.read();
  if (!sealed) return std::unexpected(sealed.error());
  if (!*sealed) return fail("the fleet has no keys yet: run `bastion join` on its first bastion again");
  if (!join_key) return std::unexpected(join_key.error());
  const auto key = fleet::JoinKey::parse(*join_key);
  if (!key) return std::unexpected(key.error());
  return fleet::unseal(**sealed, *key);
}

}  // namespace bastion::setup
