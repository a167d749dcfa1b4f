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

Result<> note_joining(store::Database& database, const config::Config& config, std::string_view what) {
  return store::Audit(database).add({.at = unix_now(),
                                     .actor = "local",
                                     .action = "join",
                                     .subject = config.fleet->node,
                                     .outcome = "done",
                                     .from_host = describe_local_user(::getuid()),
                                     .detail = std::string(what)});
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
